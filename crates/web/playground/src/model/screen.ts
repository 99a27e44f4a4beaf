/** What the host of a handset shows: the effects, carried out. */

import { bodyOf, kindOf, type Effect, type Variant } from "../wire.js";

/** A call to the user. */
export interface Call {
  attempt: number;
  roomID: string;
  caller: string;
  stage: string;
  /** When it is over, by the time of the world; never if null. */
  until: number | null;
}

/** A call by the user. */
export interface Outgoing {
  roomID: string;
  callee: string;
  attempt: number | null;
  progress: Variant;
}

/** An entry of the list of calls. */
export interface Logged {
  number: number;
  text: Variant;
  caller: string;
  isNews: boolean;
}

/** An entry of the pending list of the room. */
export interface Listed {
  callee: string;
  caller: string;
  attempt: number;
  status: string;
}

/** Everything on the screen of a phone. */
export interface Screen {
  calls: readonly Call[];
  outgoing: readonly Outgoing[];
  log: readonly Logged[];
  list: readonly Listed[];
  /** Up to which entry the log was seen. */
  seen: number;
  /** What the screen said last, and about which call. */
  last: { attempt: number; why: Variant } | null;
  /** The calls that are not shown though they may ring elsewhere: hidden or silenced here. */
  off: readonly number[];
}

export const BLANK: Screen = { calls: [], outgoing: [], log: [], list: [], seen: 0, last: null, off: [] };

/** The screen after an effect. */
export function show(screen: Screen, { effect }: Effect, now: number): Screen {
  const body = bodyOf(effect);
  switch (kindOf(effect)) {
    case "show": {
      const { attempt, roomID, caller } = body.call;
      const until = body.timeLeft === null ? null : now + body.timeLeft;
      const call = { attempt, roomID, caller, stage: body.stage, until };
      const others = screen.calls.filter((other) => other.attempt !== attempt);
      const calls = [...others, call].sort((one, other) => one.attempt - other.attempt);
      return { ...screen, calls, last: null };
    }
    case "update": {
      const { attempt, stage } = body;
      const calls = screen.calls.map((call) => (call.attempt === attempt ? { ...call, stage } : call));
      return { ...screen, calls };
    }
    case "dismiss": {
      const calls = screen.calls.filter((call) => call.attempt !== body.attempt);
      const isOff = ["hidden", "silenced"].includes(kindOf(body.why));
      const off = isOff ? [...screen.off, body.attempt] : screen.off;
      return { ...screen, calls, off, last: { attempt: body.attempt, why: body.why } };
    }
    case "progress": {
      const others = screen.outgoing.filter(
        (call) => call.roomID !== body.roomID || call.callee !== body.callee,
      );
      return { ...screen, outgoing: [...others, body] };
    }
    case "listed": {
      const others = screen.list.filter((entry) => entry.callee !== body.callee);
      return { ...screen, list: [...others, body] };
    }
    case "unlisted":
      return { ...screen, list: screen.list.filter((entry) => entry.callee !== body.callee) };
    case "logged": {
      const { number, caller, ended, tries } = body.entry;
      const text = ended ? { ended } : { tries: tries ?? 1 };
      const log = [...screen.log, { number, caller, text, isNews: body.isNews }];
      return { ...screen, log: log.slice(-20) };
    }
    case "seen":
      return { ...screen, seen: body.upTo };
    default:
      return screen;
  }
}
