/** A meeting: one switchboard, several phones, what is in flight, and the time. */

import type { Engine } from "../engine.js";
import type { Action } from "./action.js";
import type { LiveCall } from "./board.js";
import { Hosting, type Happening } from "./hosting.js";
import { HELD, type Body, type Packet } from "./network.js";
import type { PhonePicture } from "./phone.js";
import type { Plan } from "./plan.js";
import { bodyName, tapWords } from "./words.js";

/** The world as it is drawn: plain data, which nothing changes any more. */
export interface Frame {
  now: number;
  title: string;
  happenings: readonly Happening[];
  phones: readonly PhonePicture[];
  flight: readonly Packet[];
  /** The rooms that are open. */
  open: readonly string[];
  /** Whether messages wait until somebody delivers them. */
  isHeld: boolean;
  snapshots: readonly { at: number; why: string }[];
  lines: number;
  /** What rings, as the switchboard has it. */
  live: readonly LiveCall[];
  /** When the next thing is due. */
  next: number | null;
}

/** The world. `perform` is the only thing that changes it, and depends on nothing else. */
export class World extends Hosting {
  private live: readonly LiveCall[] = [];

  constructor(engine: Engine, plan: Plan) {
    super(engine, plan);
    if (!plan.isHeld) {
      this.openRoom(plan.room, plan.phones[0]!.user);
      plan.inside.forEach((phone) => this.enter(phone, plan.room));
      this.phones.forEach((_, phone) => this.link(phone));
    }
    this.board.keep(0, "the meeting begins");
    this.title = "The meeting begins";
  }

  /** When the next thing is due; null if nothing ever is. */
  next(): number | null {
    const times = [this.board.due, this.network.next()?.arrives, ...this.phones.map((it) => it.due())];
    const due = times.filter((time) => time !== undefined);
    const first = Math.min(...due, HELD);
    return first === HELD ? null : Math.max(this.now, first);
  }

  frame(): Frame {
    return {
      now: this.now,
      title: this.title,
      happenings: this.happenings,
      phones: this.phones.map((phone) => phone.picture),
      flight: this.network.flight,
      open: [...this.open.keys()],
      isHeld: this.isHeld,
      snapshots: this.board.snapshots.map(({ at, why }) => ({ at, why })),
      lines: this.board.lines.length,
      live: this.live,
      next: this.next(),
    };
  }

  perform(action: Action): void {
    this.happenings = [];
    this.title = "";
    this.take(action);
    this.live = this.board.live(this.now);
  }

  private take(action: Action): void {
    const packet = "packet" in action ? this.network.find(action.packet) : undefined;
    switch (action.do) {
      case "next":
        return this.happen();
      case "wait":
        this.now = Math.min(this.now + action.ms, this.next() ?? Infinity);
        this.title = "Time passes";
        return;
      case "drop":
        return this.meddle(packet, "is lost", () => {
          this.network.take(packet!.id);
          this.phones[packet!.phone]!.doubt(this.now);
        });
      case "repeat":
        return this.meddle(packet, "is in flight twice", () =>
          this.network.repeat(packet!.id, this.now, this.isHeld ? HELD : this.now + this.plan.latency),
        );
      case "delay":
        return this.meddle(packet, `takes ${action.ms / 1000} s longer`, () =>
          this.network.delay(packet!.id, action.ms),
        );
      case "overtake":
        return this.meddle(packet, "is overtaken by the next one", () =>
          this.network.overtake(packet!.id, this.plan.latency),
        );
      case "deliver":
        return this.meddle(packet, "arrives at once", () => this.arrive(this.network.take(packet!.id)!));
      case "snapshot":
        this.board.keep(this.now, "by hand");
        return this.say("switchboard", "keeps a snapshot");
      case "setBack":
        return this.setBack(action.snapshot);
      case "restart":
        return this.restart();
      case "dissolve":
        this.say("person", `the backend dissolves ${action.room}`);
        return this.dissolve(action.room);
      case "open":
        this.say("person", `the backend opens ${action.room}`);
        return this.openRoom(action.room, action.owner);
      case "flow":
        this.say("network", "messages flow");
        this.isHeld = false;
        return this.network.flow(this.now, this.plan.latency);
      default:
        if (this.phones[action.phone]) this.befall(action);
    }
  }

  /** Something is done to a phone, or by somebody who holds it. */
  private befall(action: Extract<Action, { phone: number }>): void {
    const { phone: index } = action;
    const phone = this.phones[index]!;
    const { isAlive, room } = phone.picture;
    switch (action.do) {
      case "tap":
        this.say("person", `${tapWords(action.tap)} on ${this.name(index)}`);
        return this.feed(index, [{ tap: action.tap }]);
      case "cut":
        this.say("network", `the link of ${this.name(index)} breaks`);
        phone.change({ isCut: true });
        return this.unlink(index, action.isLate);
      case "connect":
        this.say("network", `${this.name(index)} has a link`);
        phone.change({ isCut: false });
        return this.link(index);
      case "kill":
        this.say("person", `${this.name(index)} is killed; what it saved stays`);
        return this.kill(index);
      case "start":
        this.say("person", `${this.name(index)} starts again, from what it saved`);
        return this.start(index, !this.isHeld);
      case "push":
        this.say("person", `the push service sends the last ring for ${phone.picture.user} to ${this.name(index)}`);
        return this.push(index, this.rings.get(phone.picture.user));
      case "enter":
        this.say("person", `${this.name(index)} goes into ${action.room}`);
        return isAlive ? this.enter(index, action.room) : undefined;
      case "leave":
        this.say("person", `${this.name(index)} leaves ${room}`);
        return room === null ? undefined : this.leave(index);
      case "occupy":
        this.say("person", `${this.name(index)} is ${action.isOccupied ? "taken by another call" : "free again"}`);
        phone.change({ isOccupied: action.isOccupied });
        return this.feed(index, [{ occupied: action.isOccupied }]);
      case "signOut":
        this.say("person", `${phone.picture.user} signs out of the ${phone.picture.device}`);
        phone.change({ isSignedOut: true });
        this.feed(index, ["signedOut"]);
        return this.unlink(index);
    }
  }

  /** The first of what is due: the clock of the switchboard, then the phones, then messages. */
  private happen(): void {
    const next = this.next();
    if (next === null) return;
    this.now = next;
    if ((this.board.due ?? Infinity) <= next) {
      this.title = "A deadline passes at the switchboard";
      return this.apply({ at: next, tick: {} });
    }
    const due = this.phones.findIndex((phone) => (phone.due() ?? Infinity) <= next);
    if (due >= 0) {
      this.title = `A timer of ${this.name(due)} fires`;
      return this.feed(due, ["tick"]);
    }
    const packet = this.network.next();
    if (packet) this.arrive(this.network.take(packet.id)!);
  }

  private arrive(packet: Packet): void {
    const { phone: index, body } = packet;
    const phone = this.phones[index]!;
    const isSame = packet.connection === phone.connection && packet.life === phone.life;
    const reaches = phone.picture.isAlive && (isSame || packet.isStray);
    this.title = body.is === "door"
      ? `${this.name(index)} goes into ${body.room}`
      : packet.isUp
      ? `“${bodyName(body)}” of ${this.name(index)} reaches the switchboard`
      : `“${bodyName(body)}” reaches ${this.name(index)}`;
    switch (body.is) {
      case "request":
        return this.serve(packet, body);
      case "notice":
        return reaches ? this.feed(index, [{ notice: body.event }]) : this.miss(index);
      case "reply":
        return reaches && packet.life === phone.life
          ? this.feed(index, [{ reply: body.reply }])
          : this.miss(index);
      case "push":
        if (!phone.picture.isAlive) {
          this.say("network", `the push starts ${this.name(index)}, from what it saved`);
          this.start(index, false);
        }
        this.feed(index, [{ push: { event: body.event, age: this.now - body.sentAt } }]);
        return phone.picture.isUp || this.isHeld ? undefined : this.link(index);
      case "door":
        if (!phone.picture.isAlive) return;
        return this.open.has(body.room) ? this.enter(index, body.room) : this.feed(index, ["joinFailed"]);
    }
  }

  /** A request reaches the switchboard; who asked is answered, if the connection is still there. */
  private serve(packet: Packet, body: Extract<Body, { is: "request" }>): void {
    const phone = this.phones[packet.phone]!;
    const { user, device, isUp } = phone.picture;
    const number = body.requestID === undefined ? {} : { requestID: body.requestID };
    const line = { at: this.now, ...number, by: { user, device }, ...(body.request as object) };
    const isBack = isUp && packet.life === phone.life;
    this.apply(line, isBack && (packet.connection === phone.connection || packet.isStray) ? packet.phone : null);
  }

  private meddle(packet: Packet | undefined, what: string, change: () => void): void {
    if (!packet) return;
    const way = packet.isUp ? "of" : "for";
    this.say("network", `“${bodyName(packet.body)}” ${way} ${this.name(packet.phone)} ${what}`);
    change();
  }

  private miss(index: number): void {
    this.say("network", `${this.name(index)} has no such connection any more: it is lost`);
  }

}
