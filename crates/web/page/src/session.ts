/** One signed-in device: the package's `Tabs`, which can sleep and wake, and the rooms of this tab. */
import { Tabs, type ListedCall, type ShownCall } from "roomcall/client";
import { SavedStateError, pushEvent, type RuledEffect } from "roomcall";
import { Backend } from "./backend.js";
import { CallLog } from "./call-log.js";
import { abandon, keep, successor, type Identity } from "./identity.js";
import { PushService, type Push } from "./push-service.js";
import { randomId } from "./random.js";
import type { Standing } from "./standing.js";
import type { PageEvent } from "./story.js";

const message = (error: unknown): string => (error instanceof Error ? error.message : String(error));

export class Session {
  backend: Backend;
  readonly log: CallLog;
  standing: Standing = { kind: "connecting" };
  /** The room that this tab is in. */
  room: string | null = null;
  isOccupied = sessionStorage.getItem("roomcall-page:occupied") === "yes";
  push: PushService | null = null;
  #tabs: Tabs | null = null;
  #visit = "";
  #isEnded = false;

  constructor(
    readonly identity: Identity,
    /** Is told of everything, after this session has taken note of it. */
    private readonly onEvent: (event: PageEvent) => void,
    /** The user signed out, here or in another tab. */
    private readonly onSignedOut: () => void,
  ) {
    const { user, device } = identity;
    this.backend = new Backend(user, device);
    this.log = CallLog.fromText(localStorage.getItem(this.#logKey));
    addEventListener("storage", this.#onStorage);
    addEventListener("pagehide", this.#onHide);
  }

  /** What is on the screen. */
  get calls(): ShownCall[] {
    return this.#tabs?.screen.calls ?? [];
  }

  /** The pending list of the room that this tab is in: the device may be in that of another tab. */
  get pending(): ListedCall[] {
    const list = this.#tabs?.pending;
    return list && list.room === this.room ? list.calls : [];
  }

  get #asleepKey(): string {
    return keyOf("asleep", this.identity);
  }

  get #logKey(): string {
    return keyOf("log", this.identity);
  }

  get isAsleep(): boolean {
    return localStorage.getItem(this.#asleepKey) !== null;
  }

  /** Begins, or sleeps on. */
  async start(): Promise<void> {
    // A device that is awake does not wait for the worker.
    if (!this.isAsleep) await this.#begin();
    this.push = await this.#pushService();
    if (!this.isAsleep) return;
    if (this.push) this.#doze();
    else await this.wake();
  }

  #pushService(): Promise<PushService | null> {
    return PushService.at(this.backend.pushURL, (it) => void this.#pushed(it));
  }

  async #begin(): Promise<void> {
    // Both are stated in the first step, before anything rings; the server knows the room before (D-08, D-31).
    const room = await this.#enterAgain();
    if (this.#isEnded || this.isAsleep) return;
    const { user, device } = this.identity;
    const tabs = new Tabs({
      user,
      device,
      url: (device) => new Backend(user, device).socketURL(),
      initial: { occupied: this.isOccupied, room },
    });
    this.#tabs = tabs;
    tabs.onEvent((event) => this.#told(event));
    try {
      await tabs.start();
    } catch (error) {
      if (!(error instanceof SavedStateError)) throw error;
      await this.#renew();
    }
  }

  /** Enters the room that this tab was in before it was loaded; null if there is none. */
  async #enterAgain(): Promise<string | null> {
    const room = sessionStorage.getItem("roomcall-page:room");
    if (room === null) return null;
    return (await this.#enterAtServer(room)) ? room : null;
  }

  /** What is saved is no handset: this tab goes on as a new device, the same as the other tabs (D-25). */
  async #renew(): Promise<void> {
    const { room } = this;
    const [logKey, asleepKey] = [this.#logKey, this.#asleepKey];
    if (room !== null) void this.backend.leave(room, this.#visit).catch(() => undefined);
    this.room = null;
    const tabs = this.#tabs;
    if (!tabs) return;
    this.identity.device = await tabs.forget(successor(this.identity));
    keep(this.identity, localStorage);
    this.backend = new Backend(this.identity.user, this.identity.device);
    for (const key of [logKey, asleepKey]) localStorage.removeItem(key);
    localStorage.setItem(this.#logKey, this.log.toText());
    this.#say(`What was saved of this device cannot be read. It goes on as a new one, ${this.identity.device}.`);
    if (this.push) this.push = await this.#pushService();
    if (room !== null) await this.enter(room);
  }

  /** Does not wait for the next try to connect, whichever tab has the socket. */
  reconnect(): void {
    this.#tabs?.reconnect();
  }

  /** Does what a person tapped; what goes wrong is said. */
  async tap(what: (tabs: Tabs) => Promise<RuledEffect[]>): Promise<void> {
    try {
      if (this.#tabs) await what(this.#tabs);
    } catch (error) {
      this.#say(`That did not work: ${message(error)}.`);
    }
  }

  /** Goes into a room, and out of the one before. The server knows it before the handset does (D-08). */
  async enter(room: string): Promise<boolean> {
    if (room !== this.room && !(await this.#enterAtServer(room))) return false;
    await this.tap((tabs) => tabs.setRoom(room));
    return true;
  }

  async #enterAtServer(room: string): Promise<boolean> {
    const before = this.room;
    const visit = randomId(12);
    try {
      await this.backend.enter(room, visit);
    } catch (error) {
      this.#say(`You could not enter ${room}: ${message(error)}.`);
      return false;
    }
    if (before !== null) void this.backend.leave(before, this.#visit).catch(() => undefined);
    this.#visit = visit;
    this.#inRoom(room);
    return true;
  }

  async leave(): Promise<void> {
    const { room } = this;
    if (room === null) return;
    try {
      await this.backend.leave(room, this.#visit);
    } catch (error) {
      return this.#say(`You could not leave ${room}: ${message(error)}.`);
    }
    this.#inRoom(null);
    await this.tap((tabs) => tabs.setRoom(null));
  }

  #inRoom(room: string | null): void {
    const before = this.room;
    this.room = room;
    if (room === null) sessionStorage.removeItem("roomcall-page:room");
    else sessionStorage.setItem("roomcall-page:room", room);
    this.#say(room === null ? `You left ${before}.` : `You are in ${room}.`);
  }

  async setOccupied(isOccupied: boolean): Promise<void> {
    this.isOccupied = isOccupied;
    sessionStorage.setItem("roomcall-page:occupied", isOccupied ? "yes" : "no");
    this.#say(isOccupied ? "You are in another call: nothing rings here." : "You are in no other call any more.");
    await this.tap((tabs) => tabs.setOccupied(isOccupied));
  }

  /** The socket closes, in all tabs. From now on only a push brings calls. */
  async sleep(): Promise<void> {
    if (!this.push) return;
    await this.leave();
    localStorage.setItem(this.#asleepKey, "yes");
    this.#doze();
  }

  #doze(): void {
    // Before the socket closes, so that no call falls in between.
    this.push?.watch();
    this.#close();
    this.standing = { kind: "asleep" };
    this.#say("This device sleeps. Its connection is closed.");
  }

  async wake(push?: Push): Promise<void> {
    if (!this.isAsleep) return;
    localStorage.removeItem(this.#asleepKey);
    await this.#rise(push);
  }

  async #rise(push?: Push): Promise<void> {
    this.push?.stop();
    this.standing = { kind: "connecting" };
    this.#say("This device wakes up.");
    await this.#begin();
    const event = push && pushEvent(push.data);
    // The call shows in this very step, before there is a connection (D-29).
    if (event) await this.tap((tabs) => tabs.push(event, Math.max(0, Date.now() - push.receivedAt)));
  }

  async #pushed(push: Push): Promise<void> {
    const { event, caller } = push.data;
    this.onEvent({ kind: "pushed", words: `A push came: ${event ?? "?"}, by ${caller ?? "?"}.` });
    await this.wake(push);
  }

  /** For good, in all tabs: signing in again is another device. */
  async signOut(): Promise<void> {
    await this.wake();
    await this.leave();
    await this.tap((tabs) => tabs.signOut());
    this.#signedOut();
  }

  /** The user signed out, here or in another tab. */
  #signedOut(): void {
    if (this.#isEnded) return;
    void this.leave();
    abandon(this.identity, localStorage);
    localStorage.removeItem(this.#logKey);
    this.end();
    this.onSignedOut();
  }

  /** Ends this tab's part. */
  end(): void {
    this.#isEnded = true;
    removeEventListener("storage", this.#onStorage);
    removeEventListener("pagehide", this.#onHide);
    this.#close();
  }

  #close(): void {
    this.#tabs?.close();
    this.#tabs = null;
  }

  #told(event: PageEvent): void {
    if (event.kind === "connected") this.standing = { kind: "connected" };
    if (event.kind === "disconnected") {
      const retryAt = performance.now() + event.retryIn;
      this.standing = { kind: "waiting", retryAt, reason: event.reason };
    }
    if (event.kind === "stopped") this.standing = event;
    if (event.kind === "logged") this.log.add(event.entry, Date.now());
    if (event.kind === "seen") this.log.see(event.upTo);
    if (event.kind === "logged" || event.kind === "seen") localStorage.setItem(this.#logKey, this.log.toText());
    if (event.kind === "dismiss") void this.push?.closeNotification(event.attempt);
    this.onEvent(event);
    if (event.kind === "join") void this.#join(event.roomID);
    if (event.kind === "stopped" && event.why === "damaged") void this.#renew();
    // Whoever signed out is answered first.
    if (event.kind === "stopped" && event.why === "signedOut") setTimeout(() => this.#signedOut());
  }

  async #join(room: string): Promise<void> {
    if (!(await this.enter(room))) await this.tap((tabs) => tabs.joinFailed());
  }

  #say(words: string): void {
    this.onEvent({ kind: "said", words });
  }

  /** What another tab of this device did. */
  readonly #onStorage = ({ key, newValue }: StorageEvent): void => {
    if (key === this.#asleepKey && newValue !== null) void this.leave().then(() => this.#doze());
    if (key === this.#asleepKey && newValue === null) void this.#rise();
  };

  /** The page closes, or is loaded anew: then it enters again. */
  readonly #onHide = (): void => {
    if (this.room !== null) void this.backend.leave(this.room, this.#visit, true);
  };
}

function keyOf(what: string, { user, device }: Identity): string {
  return `roomcall-page:${what}:${JSON.stringify([user, device])}`;
}
