/** What can be done to a meeting. A meeting is a plan and a list of these, and nothing else. */

import type { Variant } from "../wire.js";

export type Action =
  /** The next thing that is due happens: a message arrives, or a timer fires. */
  | { do: "next" }
  /** Time passes, up to the next thing that is due. */
  | { do: "wait"; ms: number }
  /** A person taps something on a phone. */
  | { do: "tap"; phone: number; tap: Variant }
  /** A message in flight is lost. */
  | { do: "drop"; packet: number }
  /** A copy of a message in flight follows it. */
  | { do: "repeat"; packet: number }
  /** A message in flight takes longer. */
  | { do: "delay"; packet: number; ms: number }
  /** The next message of the same lane arrives before this one. */
  | { do: "overtake"; packet: number }
  /** A message arrives now. */
  | { do: "deliver"; packet: number }
  /** The link of a phone breaks, and stays broken. What is in flight is lost, or arrives some time. */
  | { do: "cut"; phone: number; isLate?: boolean }
  /** A phone has a link: a new one if it had one. */
  | { do: "connect"; phone: number }
  /** The process of a phone ends. */
  | { do: "kill"; phone: number }
  /** It starts again, from what it saved. */
  | { do: "start"; phone: number }
  /** The last ring for its user is pushed to a phone again. */
  | { do: "push"; phone: number }
  /** A phone goes into a room. */
  | { do: "enter"; phone: number; room: string }
  /** A phone leaves the room that it is in. */
  | { do: "leave"; phone: number }
  /** Another application takes a phone, or gives it back. */
  | { do: "occupy"; phone: number; isOccupied: boolean }
  /** The user signs out of a phone. */
  | { do: "signOut"; phone: number }
  /** The switchboard keeps a snapshot. */
  | { do: "snapshot" }
  /** The switchboard is set back to a snapshot that it kept. */
  | { do: "setBack"; snapshot: number }
  /** The switchboard is restored without a loss; all links break and come back. */
  | { do: "restart" }
  /** A room is dissolved. */
  | { do: "dissolve"; room: string }
  /** A room is opened. */
  | { do: "open"; room: string; owner: string }
  /** What was held in flight begins to move, and so does what is sent from now on. */
  | { do: "flow" };
