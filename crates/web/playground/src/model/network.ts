/** What is in flight, and when it arrives. */

import type { Variant } from "../wire.js";

/** What a message carries. */
export type Body =
  /** To the switchboard. */
  | { is: "request"; requestID?: number; request: Variant }
  /** To a phone: an event. */
  | { is: "notice"; event: Variant; because: string }
  /** To a phone: an answer or a refusal. */
  | { is: "reply"; reply: { requestID: number; [field: string]: any } }
  /** To a phone, by the push service: it needs no link, and starts a process that is dead. */
  | { is: "push"; event: Variant; sentAt: number }
  /** A phone is on its way into the room. */
  | { is: "door"; room: string };

/** A message in flight, from or to a phone. */
export interface Packet {
  id: number;
  phone: number;
  /** Towards the switchboard. */
  isUp: boolean;
  /** The connection and the life of the phone when it was sent. */
  connection: number;
  life: number;
  sentAt: number;
  arrives: number;
  /** A copy, or one that was held up: it outlives its connection. */
  isStray: boolean;
  body: Body;
}

/** When a message arrives that is held: later than everything else. */
export const HELD = Number.MAX_SAFE_INTEGER;

/** More than this in flight is lost. */
const CONGESTED = 300;

/** The messages in flight, the oldest first. */
export class Network {
  flight: readonly Packet[] = [];
  private made = 0;

  send(packet: Omit<Packet, "id">): void {
    if (this.flight.length >= CONGESTED) return;
    this.made += 1;
    this.flight = [...this.flight, { id: this.made, ...packet }];
  }

  find(id: number): Packet | undefined {
    return this.flight.find((packet) => packet.id === id);
  }

  take(id: number): Packet | undefined {
    const packet = this.find(id);
    this.flight = this.flight.filter((other) => other !== packet);
    return packet;
  }

  /** The one that arrives first; of several the one that was sent first. */
  next(): Packet | undefined {
    return this.flight.reduce<Packet | undefined>(
      (first, packet) => (first && first.arrives <= packet.arrives ? first : packet),
      undefined,
    );
  }

  /** A copy begins its way now. */
  repeat(id: number, now: number, arrives: number): void {
    const packet = this.find(id);
    if (!packet) return;
    const { id: _, ...copy } = packet;
    this.send({ ...copy, sentAt: now, arrives, isStray: true });
  }

  delay(id: number, ms: number): void {
    this.change(id, (packet) => {
      const arrives = packet.arrives === HELD ? HELD : packet.arrives + ms;
      return { ...packet, arrives, isStray: true };
    });
  }

  /** The message arrives right after the next one of its lane, or some time later if there is none. */
  overtake(id: number, latency: number): Packet | undefined {
    const packet = this.find(id);
    if (!packet || packet.arrives === HELD) return undefined;
    const behind = this.flight
      .filter((other) => other.phone === packet.phone && other.isUp === packet.isUp)
      .filter((other) => follows(other, packet))
      .sort((one, other) => one.arrives - other.arrives || one.id - other.id)[0];
    const arrives = behind ? behind.arrives + 1 : packet.arrives + latency;
    this.change(id, () => ({ ...packet, arrives, isStray: true }));
    return behind;
  }

  /** A connection ended: what is in flight on it is lost, but for strays, pushes and doors. */
  lose(phone: number, connection: number): number {
    const before = this.flight.length;
    this.flight = this.flight.filter(
      (packet) =>
        packet.phone !== phone ||
        packet.connection !== connection ||
        packet.isStray ||
        packet.body.is === "push" ||
        packet.body.is === "door",
    );
    return before - this.flight.length;
  }

  /** What is in flight on a connection arrives some time, also when that has ended. */
  stray(phone: number): void {
    this.flight = this.flight.map((packet) =>
      packet.phone === phone ? { ...packet, isStray: true } : packet,
    );
  }

  /** A process ended: replies and notices find nobody, and nobody goes through a door. What it sent arrives. */
  forget(phone: number): void {
    this.flight = this.flight.filter(
      ({ phone: of, body }) => of !== phone || body.is === "request" || body.is === "push",
    );
    this.stray(phone);
  }

  /** What was held arrives from now on, in the order in which it was sent. */
  flow(now: number, latency: number): void {
    this.flight = this.flight.map((packet) =>
      packet.arrives === HELD ? { ...packet, sentAt: now, arrives: now + latency } : packet,
    );
  }

  private change(id: number, change: (packet: Packet) => Packet): void {
    this.flight = this.flight.map((packet) => (packet.id === id ? change(packet) : packet));
  }
}

const follows = (other: Packet, packet: Packet): boolean =>
  other.arrives > packet.arrives || (other.arrives === packet.arrives && other.id > packet.id);
