/** D-28: once nothing is in flight, every screen shows what the switchboard says rings for its user. */

import { kindOf } from "../wire.js";
import type { Packet } from "./network.js";
import { short } from "./words.js";
import type { Frame } from "./world.js";

/** A question or its answer: phones ask all the time, and it changes nothing at the switchboard. */
const isRoutine = ({ body }: Packet): boolean =>
  (body.is === "request" && "query" in (body.request as object)) ||
  (body.is === "reply" && kindOf(body.reply["answer"] ?? "").startsWith("get"));

/** Whether messages flow everywhere, and nothing is in flight, or lost and not yet made up for. */
export function isAtRest({ flight, phones, next, now }: Frame): boolean {
  return (
    flight.every(isRoutine) &&
    (next === null || next > now) &&
    phones.every((it) => it.isSignedOut || (it.isAlive && it.isUp && it.isReady && it.doubtfulSince === null))
  );
}

/** What does not agree, in words; nothing if all is well. Ask it only at rest. */
export function disagreements({ live, phones, now }: Frame): string[] {
  const wrong: string[] = [];
  for (const { user, device, room, screen, isSignedOut } of phones) {
    const name = `${user}'s ${device}`;
    const rings = live.filter((call) => !isSignedOut && call.callee === user && call.roomID !== room);
    for (const { attempt } of screen.calls) {
      if (!rings.some((call) => call.attempt === attempt)) wrong.push(`${name} shows call ${short(attempt)}, which is over`);
    }
    for (const { attempt, until } of rings) {
      const isShown = screen.calls.some((call) => call.attempt === attempt);
      const isOff = screen.off.includes(attempt) || (until !== null && until - now < 2_000);
      if (!isShown && !isOff) wrong.push(`${name} does not show call ${short(attempt)}, which rings`);
    }
  }
  return wrong;
}

/** At most one device joins for one attempt, at any time. */
export function joinedTwice({ phones }: Frame): string[] {
  const joins = phones.flatMap((phone) => phone.joins).filter((attempt) => attempt > 0);
  const twice = joins.filter((attempt, at) => joins.indexOf(attempt) !== at);
  return [...new Set(twice)].map((attempt) => `two devices joined for call ${short(attempt)}`);
}

/** How it stands, in a sentence that cites the rule. */
export function verdict(frame: Frame): string {
  const twice = joinedTwice(frame);
  if (twice.length > 0) return `${twice.join("; ")}: this breaks D-28.`;
  if (!isAtRest(frame)) {
    const { flight, phones } = frame;
    const count = flight.length;
    if (count > 0) return `${count} ${count === 1 ? "message is" : "messages are"} in flight.`;
    const unsure = phones.find((it) => it.isAlive && it.isUp && it.doubtfulSince !== null);
    if (unsure) return `Something of ${unsure.user}'s ${unsure.device} was lost: it learns of it when it asks again (D-16).`;
    return "Nothing is in flight, and not every phone has a connection.";
  }
  const wrong = disagreements(frame);
  if (wrong.length > 0) return `At rest, ${wrong.join("; ")}: this breaks D-28.`;
  return "At rest: every screen agrees with the switchboard (D-28).";
}
