import type { RuledEffect } from "../handset.js";
import type { AppInput, DeviceEvent } from "./device.js";
import type { PendingState } from "./pending-list.js";
import type { TabState } from "./tab-states.js";

/** What tabs say to the leader. */
export type ToLeader =
  /** A tab is there, and wants to know what is on the screen. */
  | { kind: "hello"; from: string; state: TabState }
  /** An app states something in a tab. */
  | { kind: "input"; from: string; state: TabState; number: number; input: AppInput }
  /** A person does not want to wait for the next try to connect. */
  | { kind: "reconnect"; from: string };

/** What the leader says. */
export type FromLeader =
  /** There is a new leader: say hello, and repeat what is not answered. */
  | { kind: "leading" }
  /** The step of an input is done. */
  | { kind: "done"; to: string; number: number; effects: RuledEffect[] }
  /** A tab accepted a call: the next `join` is for no other, whoever leads then. */
  | { kind: "accepted"; by: string }
  /** The input is refused. */
  | { kind: "failed"; to: string; number: number; message: string }
  /** Something happened; to one tab, or to all. */
  | { kind: "event"; to: string | null; event: DeviceEvent }
  /** What draws the screen anew, and the pending list, to a tab that said hello. */
  | { kind: "screen"; to: string; effects: RuledEffect[]; pending: PendingState };

export type TabMessage = ToLeader | FromLeader;

/** The part of a `BroadcastChannel` that is used. */
export interface Channel {
  onmessage: ((event: { data: TabMessage }) => void) | null;
  postMessage(message: TabMessage): void;
  close(): void;
}

/** The part of `navigator.locks` that is used. */
export interface Locks {
  request(
    name: string,
    options: { signal: AbortSignal },
    whileHeld: () => Promise<void>,
  ): Promise<void>;
}
