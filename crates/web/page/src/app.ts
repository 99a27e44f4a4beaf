/** The page of a signed-in device: what is told goes to the parts that draw it. */
import type { Dismissal } from "roomcall";
import { toAddress, type Identity } from "./identity.js";
import { Session } from "./session.js";
import { ofStanding } from "./standing.js";
import type { PageEvent } from "./story.js";
import { Title } from "./title.js";
import { Tone } from "./tone.js";
import { byId, setText } from "./view/dom.js";
import { Happened } from "./view/happened.js";
import { CallList } from "./view/missed.js";
import { PendingList } from "./view/pending.js";
import { ProgressList } from "./view/progress.js";
import { Room } from "./view/room.js";
import { Sheet } from "./view/sheet.js";
import { ofDismissal } from "./words.js";

const tone = new Tone();
const title = new Title();

export class App {
  readonly session: Session;
  readonly #end = new AbortController();
  readonly #sheet: Sheet;
  readonly #room: Room;
  readonly #progress: ProgressList;
  readonly #pending: PendingList;
  readonly #log: CallList;
  readonly #happened = new Happened();
  readonly #callers = new Map<number, string>();
  #lastEnded: number | null = null;
  readonly #timer: ReturnType<typeof setInterval>;

  constructor(identity: Identity, onSignedOut: () => void) {
    this.session = new Session(identity, (event) => this.#told(event), () => {
      this.close();
      onSignedOut();
    });
    this.#sheet = new Sheet(this.session);
    this.#room = new Room(this.session, this.#end.signal);
    this.#progress = new ProgressList(this.session);
    this.#pending = new PendingList(this.session);
    this.#log = new CallList(this.session, this.#end.signal);
    this.#controls();
    setText(byId("me-user"), identity.user);
    setText(byId("outcome"), "");
    const other = identity.named === "tablet" ? "phone" : "tablet";
    byId("other-device").setAttribute("href", toAddress(identity.user, other));
    byId("same-device").setAttribute("href", toAddress(identity.user, identity.named));
    this.#timer = setInterval(() => this.#tick(), 1_000);
    this.draw();
  }

  /** Ends this page's part in the device. */
  close(): void {
    this.session.end();
    this.#end.abort();
    clearInterval(this.#timer);
    tone.ring(false);
    title.set("roomcall", "");
  }

  #controls(): void {
    const { session } = this;
    const on = (id: string, kind: string, run: (target: HTMLInputElement) => void): void => {
      const element = byId<HTMLInputElement>(id);
      element.addEventListener(kind, () => run(element), { signal: this.#end.signal });
    };
    on("occupied", "change", ({ checked }) => void session.setOccupied(checked));
    on("sound", "change", ({ checked }) => tone.allow(checked));
    on("sleep", "click", () => void session.sleep().then(() => byId("wake").focus()));
    on("wake", "click", () => void session.wake().then(() => byId("room").focus()));
    on("sign-out", "click", () => void session.signOut());
    on("reload", "click", () => location.reload());
    on("try-now", "click", () => session.reconnect());
    on("notify", "click", () => void Notification.requestPermission().then(() => this.draw()));
    byId<HTMLInputElement>("occupied").checked = session.isOccupied;
    byId<HTMLInputElement>("sound").checked = tone.isAllowed;
  }

  #told(event: PageEvent): void {
    this.#happened.told(event);
    if (event.kind === "show") {
      this.#callers.set(event.call.attempt, event.call.caller);
      this.#sheet.shown(event.call.attempt, event.timeLeft);
      this.#lastEnded = null;
      setText(byId("outcome"), "");
    }
    if (event.kind === "dismiss") this.#ended(event.attempt, event.why);
    // A call that this device's own clock took off the screen: now it is known how it ended (D-10).
    if (event.kind === "learned" && event.attempt === this.#lastEnded) this.#ended(event.attempt, event.why);
    if (event.kind === "progress") this.#progress.told(event);
    this.draw();
  }

  #ended(attempt: number, why: Dismissal): void {
    this.#lastEnded = attempt;
    const caller = this.#callers.get(attempt);
    const call = caller === undefined ? "" : `${caller} called. `;
    setText(byId("outcome"), call + ofDismissal(why));
  }

  draw(): void {
    const { session } = this;
    this.#sheet.draw();
    this.#room.draw();
    this.#pending.draw();
    this.#log.draw();
    const { standing, isAsleep } = session;
    setText(byId("me-device"), session.identity.device);
    document.body.dataset["standing"] = standing.kind;
    byId("sleep").hidden = session.push === null || isAsleep;
    byId("no-sleep").hidden = "serviceWorker" in navigator;
    byId("awake").hidden = isAsleep;
    byId("asleep").hidden = !isAsleep;
    byId("reload").hidden = standing.kind !== "stopped";
    byId("try-now").hidden = standing.kind !== "waiting";
    byId("notify").hidden = session.push === null || Notification.permission !== "default";
    this.#tick();
  }

  #tick(): void {
    const { session } = this;
    setText(byId("standing"), ofStanding(session.standing, performance.now()));
    this.#sheet.tick();
    this.#log.draw();
    const ringing = session.calls.find(({ stage }) => stage === "ringing");
    tone.ring(ringing !== undefined);
    const { user } = session.identity;
    const news = session.log.news.length;
    const base = `${news > 0 ? `(${news}) ` : ""}${user} · roomcall`;
    title.set(base, ringing ? `☎ ${ringing.call.caller} calls` : "");
  }
}
