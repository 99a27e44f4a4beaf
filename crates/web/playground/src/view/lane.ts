/** The lane between a phone and the switchboard, and the messages on it. */

import { HELD, type Packet } from "../model/network.js";
import { bodyName } from "../model/words.js";
import { bodyOf } from "../wire.js";
import { button, h } from "./dom.js";

/** How high a message is, with the gap to the next one, in a lane of this height. */
const STEP = 30;
export const LANE = 172;

/** What of a lane is drawn. */
export interface LanePicture {
  phone: number;
  name: string;
  isUp: boolean;
  isAlive: boolean;
  isCut: boolean;
}

/** A lane. */
export function lane(of: LanePicture, flight: readonly Packet[], selected: number | null, now: number): HTMLElement {
  const state = !of.isAlive ? "the process does not run" : of.isUp ? "" : of.isCut ? "the link is cut" : "no link";
  const mine = flight.filter((packet) => packet.phone === of.phone);
  const places = tops(flight, of.phone, now);
  return h(
    "div",
    { class: `lane${of.isUp ? "" : " broken"}`, role: "group", "aria-label": `Messages of ${of.name}` },
    state !== "" && h("span", { class: "state" }, state),
    ...mine.map((packet) => message(packet, of, places.get(packet.id) ?? 0, selected)),
  );
}

/** How far each message of a phone is from the top of its lane at a time: 0 is the switchboard, 1 the phone. */
export function tops(flight: readonly Packet[], phone: number, now: number): Map<number, number> {
  const places = new Map<number, number>();
  for (const isUp of [true, false]) {
    const sorted = inOrder(flight.filter((packet) => packet.phone === phone && packet.isUp === isUp));
    arrange(sorted, now).forEach((place, at) => {
      const way = place / (LANE - STEP);
      places.set(sorted[at]!.id, isUp ? 1 - way : way);
    });
  }
  return places;
}

/** The same as a length: a lane is lower on a small screen. */
export const topOf = (way: number): string => `calc((100% - 28px) * ${way.toFixed(4)})`;

const inOrder = (packets: Packet[]): Packet[] =>
  packets.sort((one, other) => one.arrives - other.arrives || one.id - other.id);

function message(packet: Packet, of: LanePicture, top: number, selected: number | null): HTMLElement {
  const way = packet.isUp ? `from ${of.name}` : `to ${of.name}`;
  return button(bodyName(packet.body), { type: "select", packet: packet.id }, {
    class: `packet ${packet.isUp ? "up" : "down"} ${tone(packet)}${packet.isStray ? " stray" : ""}`,
    style: `top:${topOf(top)}`,
    "data-key": `packet-${packet.id}`,
    "data-packet": packet.id,
    "aria-pressed": selected === packet.id ? "true" : "false",
    "aria-label": `Message ${way}: ${bodyName(packet.body)}`,
  });
}

/** How far each message has come, in pixels; two of them never lie on each other. The first is the foremost. */
export function arrange(sorted: readonly Packet[], now: number): number[] {
  const length = LANE - STEP;
  const step = Math.min(STEP, length / Math.max(1, sorted.length - 1));
  const places = sorted.map((packet) => progress(packet, now) * length);
  for (let at = 1; at < places.length; at += 1) {
    places[at] = Math.min(places[at]!, places[at - 1]! - step);
  }
  for (let at = places.length - 1; at >= 0; at -= 1) {
    const behind = at === places.length - 1 ? 0 : places[at + 1]! + step;
    places[at] = Math.max(places[at]!, behind);
  }
  return places;
}

function progress({ sentAt, arrives }: Packet, now: number): number {
  if (arrives === HELD) return 0.45;
  return Math.max(0, Math.min(1, (now - sentAt) / Math.max(1, arrives - sentAt)));
}

/** What a message is about, as a colour. */
function tone({ body }: Packet): string {
  switch (body.is) {
    case "push":
      return "push";
    case "door":
      return "door";
    case "reply":
      return body.reply["refused"] ? "refused" : "calm";
    case "notice":
      return "onCallReceived" in (body.event as object) ? "ring" : "event";
    case "request":
      return "command" in (body.request as object) && !("ringing" in bodyOf(body.request)) ? "command" : "calm";
  }
}
