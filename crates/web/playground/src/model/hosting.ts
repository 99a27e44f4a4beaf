/** The hosts of a meeting: the switchboard's, which knows the connections, and the phones', which have a link and a door. */

import type { Engine } from "../engine.js";
import { bodyOf, kindOf, type Effect, type Line, type Output, type Variant } from "../wire.js";
import { Board } from "./board.js";
import { HELD, Network, type Body } from "./network.js";
import { Phone } from "./phone.js";
import { headerOf, nameOf, type Plan } from "./plan.js";
import { effectWords } from "./words.js";

/** Something that happened in a step, in words, with the rules behind it. */
export interface Happening {
  who: "switchboard" | "network" | "person" | number;
  text: string;
  rule?: string;
}

/** No number that was ever told is above the floor of a time after this (F-18). */
const EPOCH = Date.UTC(2026, 0, 1);

/** One switchboard, several phones, what is in flight, and the time. */
export class Hosting {
  now = 0;
  readonly board: Board;
  readonly network = new Network();
  readonly phones: Phone[];
  /** The rooms that are open, and whose they are. */
  protected readonly open = new Map<string, string>();
  /** All rooms that ever were. */
  protected readonly rooms = new Set<string>();
  protected isHeld: boolean;
  protected happenings: Happening[] = [];
  protected title = "";
  /** The last ring for each user, for a push by hand. */
  protected readonly rings = new Map<string, { event: Variant; sentAt: number }>();

  constructor(
    engine: Engine,
    readonly plan: Plan,
  ) {
    this.isHeld = plan.isHeld;
    this.board = new Board(engine, headerOf(plan));
    this.phones = plan.phones.map((phone) => new Phone(engine, phone, plan.settings, 0));
  }

  /** The switchboard applies a line; what it says is on its way. */
  protected apply(line: Line, asker: number | null = null): void {
    const { outputs, words } = this.board.apply(line);
    words.forEach((text) => this.happenings.push({ who: "switchboard", text }));
    for (const output of outputs) {
      if (output.to) this.notify(output);
      else if (asker !== null && output.requestID !== undefined) {
        const { at: _, ...reply } = output;
        this.send(asker, false, { is: "reply", reply: reply as { requestID: number } });
      }
    }
  }

  /** An effect goes to the connections of its audience, and as a push to who has none. */
  protected notify({ to, event, because, wake }: Output): void {
    if (!to || !event || !because) return;
    const user = to.user;
    if (wake && user) this.rings.set(user, { event, sentAt: this.now });
    this.phones.forEach(({ picture }, phone) => {
      const isFor = to.room
        ? this.phones.some((other) => other.picture.user === picture.user && other.picture.room === to.room)
        : picture.user === user &&
          (to.device === undefined || to.device === picture.device) &&
          to.exceptDevice !== picture.device;
      if (!isFor) return;
      if (picture.isUp) this.send(phone, false, { is: "notice", event, because });
      else if (wake && this.plan.pushes && !picture.isSignedOut) this.push(phone, { event, sentAt: this.now });
    });
  }

  /** A handset hears of something, and its host does what it says. */
  protected feed(index: number, inputs: Variant[]): void {
    this.carryOut(index, this.phones[index]!.apply(this.now, inputs));
  }

  protected carryOut(index: number, effects: Effect[]): void {
    for (const step of effects) {
      this.happenings.push({ who: index, text: effectWords(step), rule: step.rule });
      const body = bodyOf(step.effect);
      if (kindOf(step.effect) === "send") {
        const { requestID, request } = body;
        const number = requestID === undefined ? {} : { requestID };
        this.send(index, true, { is: "request", ...number, request });
      }
      if (kindOf(step.effect) === "join") this.send(index, true, { is: "door", room: body.roomID });
    }
  }

  protected send(index: number, isUp: boolean, body: Body, isStray = false): void {
    const { connection, life } = this.phones[index]!;
    const arrives = this.isHeld ? HELD : this.now + this.plan.latency;
    this.network.send({ phone: index, isUp, connection, life, sentAt: this.now, arrives, isStray, body });
  }

  protected push(index: number, ring: { event: Variant; sentAt: number } | undefined): void {
    if (ring) this.send(index, false, { is: "push", ...ring }, true);
  }

  /** A new connection, if the process runs and its link is not cut. */
  protected link(index: number): void {
    const phone = this.phones[index]!;
    const { isAlive, isCut, isSignedOut } = phone.picture;
    if (!isAlive || isCut || isSignedOut) return;
    this.network.lose(index, phone.connection);
    phone.doubt(this.now);
    phone.connection += 1;
    phone.change({ isUp: true });
    this.feed(index, [{ link: "up" }]);
  }

  protected unlink(index: number, isLate = false): void {
    const phone = this.phones[index]!;
    if (!phone.picture.isUp) return;
    phone.change({ isUp: false });
    this.feed(index, [{ link: "down" }]);
    if (isLate) this.network.stray(index);
    const lost = this.network.lose(index, phone.connection);
    phone.doubt(this.now);
    if (lost > 0) this.say("network", lost === 1 ? "a message is lost with it" : `${lost} messages are lost with it`);
  }

  protected kill(index: number): void {
    const phone = this.phones[index]!;
    if (!phone.picture.isAlive) return;
    const { user, device, room } = phone.picture;
    this.network.forget(index);
    phone.doubt(this.now);
    phone.kill();
    if (room !== null) this.fact({ userLeft: { roomID: room, userID: user, deviceID: device } });
  }

  protected start(index: number, links: boolean): void {
    const phone = this.phones[index]!;
    if (phone.picture.isAlive) return;
    for (const step of phone.start(this.now)) {
      this.happenings.push({ who: index, text: `${effectWords(step)}, drawn anew`, rule: "D-25" });
    }
    if (links) this.link(index);
  }

  protected fact(fact: Variant): void {
    this.apply({ at: this.now, fact });
  }

  protected openRoom(room: string, owner: string): void {
    this.open.set(room, owner);
    this.rooms.add(room);
    this.fact({ roomOpened: { roomID: room, owner } });
  }

  protected dissolve(room: string): void {
    this.open.delete(room);
    this.fact({ roomDissolved: { roomID: room } });
    this.phones.forEach((phone, index) => {
      if (phone.picture.room === room) this.go(index, null);
    });
  }

  protected enter(index: number, room: string): void {
    const { user, device, room: before } = this.phones[index]!.picture;
    if (room === before || !this.open.has(room)) return;
    this.go(index, room, () =>
      this.fact({ userEntered: { roomID: room, userID: user, deviceID: device } }),
    );
  }

  protected leave(index: number): void {
    const { user, device, room } = this.phones[index]!.picture;
    this.go(index, null, () =>
      this.fact({ userLeft: { roomID: room, userID: user, deviceID: device } }),
    );
  }

  /** The switchboard learns of it before the handset is told. */
  protected go(index: number, room: string | null, state?: () => void): void {
    const phone = this.phones[index]!;
    if (phone.picture.room === room) return;
    phone.go(room);
    state?.();
    this.feed(index, [{ inRoom: room }]);
  }

  /** F-18: the state is older than what was told, and the host says so. */
  protected setBack(index: number): void {
    const snapshot = this.board.snapshots[index];
    if (!snapshot) return;
    this.say("switchboard", `is set back to ${snapshot.at / 1000} s (${snapshot.why}), and says so`, "F-18");
    this.phones.forEach((_, phone) => this.unlink(phone));
    this.board.setBack(index);
    this.fact({ recovered: { floor: (EPOCH + this.now) * 1024 } });
    for (const room of this.rooms) if (!this.open.has(room)) this.fact({ roomDissolved: { roomID: room } });
    for (const [room, owner] of this.open) {
      this.fact({ roomOpened: { roomID: room, owner } });
      const inside = this.phones.map((it) => it.picture).filter((it) => it.room === room);
      const present = inside.map(({ user, device }) => ({ userID: user, deviceID: device }));
      this.fact({ presenceListed: { roomID: room, present } });
    }
    this.phones.forEach((_, phone) => this.link(phone));
  }

  protected restart(): void {
    this.say("switchboard", "is killed, and restored from its snapshot and its journal", "S-01");
    this.phones.forEach((_, phone) => this.unlink(phone));
    this.board.restart();
    this.phones.forEach((_, phone) => this.link(phone));
  }

  /** The first thing that is said of a step is its title. */
  protected say(who: Happening["who"], text: string, rule?: string): void {
    this.title ||= who === "switchboard" ? `The switchboard ${text}` : text.replace(/^the /, "The ");
    this.happenings.push(rule === undefined ? { who, text } : { who, text, rule });
  }

  protected name(index: number): string {
    return nameOf(this.plan.phones[index]!);
  }
}
