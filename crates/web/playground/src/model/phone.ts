/** The host of one handset: its process, its link, its clock and its screen. */

import type { Engine, HandsetMachine } from "../engine.js";
import { bodyOf, kindOf, type Effect, type Variant } from "../wire.js";
import { SETTINGS, type PhonePlan } from "./plan.js";
import { BLANK, show, type Screen } from "./screen.js";

/** A phone as it is drawn. The same object as long as nothing about it changes. */
export interface PhonePicture extends PhonePlan {
  isAlive: boolean;
  /** Whether there is a connection. */
  isUp: boolean;
  /** Whether somebody cut the link. */
  isCut: boolean;
  isReady: boolean;
  isOccupied: boolean;
  isSignedOut: boolean;
  room: string | null;
  screen: Screen;
  joins: readonly number[];
  /** Since when a message of it may be lost that no snapshot has made up for; null if none is. */
  doubtfulSince: number | null;
}

/** One phone. */
export class Phone {
  connection = 0;
  life = 0;
  private machine: HandsetMachine | null;
  private saved: Uint8Array;
  private began: number;
  private lastStep: number;
  /** When each request for a snapshot was sent for the first time, by its number. */
  private readonly asked = new Map<number, number>();
  picture: PhonePicture;

  constructor(
    private readonly engine: Engine,
    plan: PhonePlan,
    settings: object,
    now: number,
  ) {
    this.machine = engine.handset(plan.user, plan.device, { ...SETTINGS, ...settings, ...plan.settings });
    this.saved = this.machine.save();
    this.began = this.lastStep = now;
    this.picture = {
      user: plan.user,
      device: plan.device,
      isAlive: true,
      isUp: false,
      isCut: false,
      isReady: false,
      isOccupied: false,
      isSignedOut: false,
      room: null,
      screen: BLANK,
      joins: [],
      doubtfulSince: null,
    };
  }

  /** When it has something due, by the time of the world. */
  due(): number | undefined {
    const due = this.machine?.nextDeadline;
    return due === undefined ? undefined : this.began + due;
  }

  /** Inputs that come together; the state is saved before the effects are carried out. */
  apply(now: number, inputs: Variant[]): Effect[] {
    if (!this.machine) return [];
    const effects = this.machine.apply(now - this.began, inputs);
    this.saved = this.machine.save();
    this.lastStep = now;
    this.draw(effects, now, acceptedBy(inputs));
    this.follow(inputs, effects, now);
    return effects;
  }

  /** A message from or to it is lost. */
  doubt(now: number): void {
    this.change({ doubtfulSince: now });
  }

  /** What was lost is made up for by a snapshot that was asked for later (D-16). */
  private follow(inputs: Variant[], effects: Effect[], now: number): void {
    for (const { effect } of effects) {
      const { requestID, request } = kindOf(effect) === "send" ? bodyOf(effect) : {};
      if (request?.query?.getMyCalls && !this.asked.has(requestID)) this.asked.set(requestID, now);
    }
    const since = this.picture.doubtfulSince;
    for (const input of inputs) {
      const reply = kindOf(input) === "reply" ? bodyOf(input) : {};
      const asked = reply.answer?.getMyCalls ? this.asked.get(reply.requestID) : undefined;
      if (since !== null && asked !== undefined && asked >= since) this.change({ doubtfulSince: null });
    }
  }

  /** The process ends. What it saved stays, and so does its list of calls. */
  kill(): void {
    this.machine = null;
    this.life += 1;
    const { log, seen, off } = this.picture.screen;
    const screen = { ...BLANK, log, seen, off };
    this.change({ isAlive: false, isUp: false, isReady: false, isOccupied: false, room: null, screen });
  }

  /** It starts from what it saved, with a clock that shows 0, and draws its screen anew. */
  start(now: number): Effect[] {
    this.machine = this.engine.restoreHandset(this.saved, now - this.lastStep);
    this.began = now;
    this.change({ isAlive: true });
    const effects = this.machine.redraw();
    this.draw(effects, now);
    return effects;
  }

  /** Something else than its handset changes. */
  change(what: Partial<PhonePicture>): void {
    this.picture = { ...this.picture, ...what };
  }

  /** Another room, or none: it has another list. */
  go(room: string | null): void {
    if (room !== this.picture.room) {
      this.change({ room, screen: { ...this.picture.screen, list: [] } });
    }
  }

  private draw(effects: Effect[], now: number, accepted = 0): void {
    let { screen, joins } = this.picture;
    for (const step of effects) {
      const [kind, body] = [kindOf(step.effect), bodyOf(step.effect)];
      if (kind === "join") {
        // A join names the room: which call it is for stands in the answer, or on the screen before.
        const call = this.picture.screen.calls.find((call) => call.roomID === body.roomID && call.stage === "accepting");
        joins = [...joins, accepted || (call?.attempt ?? 0)];
      }
      screen = show(screen, step, now);
    }
    const isReady = this.machine?.isReady ?? false;
    const before = this.picture;
    if (screen !== before.screen || isReady !== before.isReady || joins !== before.joins) {
      this.change({ screen, joins, isReady });
    }
  }
}

/** The attempt that an answer among some inputs says was accepted; 0 if none does. */
function acceptedBy(inputs: Variant[]): number {
  for (const input of inputs) {
    const answer = kindOf(input) === "reply" ? bodyOf(input).answer : undefined;
    if (answer && kindOf(answer) === "acceptCall") return bodyOf(answer).attempt;
  }
  return 0;
}
