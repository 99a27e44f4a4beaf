import type { RuledEffect } from "../handset.js";
import type { CallRejectionReason, Event, Input, Settings, Tap } from "../types.js";
import { Emitter } from "./emitter.js";
import { PendingList } from "./pending-list.js";
import { Screen } from "./screen.js";

/** What an app states. The client itself sees to time, the connection and what the server says. */
export type AppInput = Exclude<Input, { kind: "tick" | "link" | "notice" | "reply" }>;

/** What an app is told: the effects of the handset but for `send`, and how the connection stands. */
export type DeviceEvent =
  | Exclude<RuledEffect, { kind: "send" }>
  /** The device is in another room, or in none: of its pending list nothing is known yet (D-22). */
  | {
      kind: "roomChanged";
      /** The room; null for none. */
      roomID: string | null;
    }
  /** There is a connection. */
  | { kind: "connected" }
  /** There is none. */
  | {
      kind: "disconnected";
      /** The close code; null if it broke. */
      code: number | null;
      /** The server's reason, or what went wrong. */
      reason: string;
      /** In how many milliseconds the next try is. */
      retryIn: number;
    }
  /** There is none, and will be none. */
  | {
      kind: "stopped";
      /** Why. */
      why: StopReason;
      /** The close code, if the server closed it. */
      code: number | null;
      /** The server's reason, or what is wrong. */
      reason: string;
    }
  /** The state could not be saved. The device goes on, and after a restart knows less. */
  | {
      kind: "storageFailed";
      /** What the storage threw. */
      error: unknown;
    };

/** Why a device has no connection any more. */
export type StopReason =
  /** The server closed it for good: see the close codes in docs/clients.md. */
  | "closed"
  /** The user signed out of this device (D-33). Signing in again needs a new device id. */
  | "signedOut"
  /** What is saved cannot be restored (D-25). `Tabs.forget` starts anew, under a new device id. */
  | "damaged"
  /** This tab was to lead, and could not start; `reason` says why. Another tab may lead. */
  | "failed";

/** The event of a kind. */
export type EventOf<K extends DeviceEvent["kind"]> = Extract<DeviceEvent, { kind: K }>;

/** How a call is made. */
export interface CallOptions {
  /** How long to ring, in seconds; 0 for never ending by itself. 30 if left out. */
  timeout?: number;
  /** A text for the callees, which roomcall does not interpret. */
  extensionInfo?: string;
}

/**
 * A device as an app sees it: what a person taps goes in, what the screen shows comes out. Each input resolves
 * to the effects of its step, which listeners are told of, too.
 */
export abstract class Device {
  readonly #emitter = new Emitter<DeviceEvent>();

  /** What is on the screen now. */
  readonly screen = new Screen();

  /** The pending list of the room that the device is in now. */
  readonly pending = new PendingList();

  /** Listens to events of a kind; returns what ends it. */
  on<K extends DeviceEvent["kind"]>(kind: K, listener: (event: EventOf<K>) => void): () => void {
    return this.#emitter.on(kind, listener as (event: DeviceEvent) => void);
  }

  /** Listens to all events; returns what ends it. */
  onEvent(listener: (event: DeviceEvent) => void): () => void {
    return this.#emitter.on("*", listener);
  }

  /** Keeps the screen and the list, and tells listeners. */
  protected emit(event: DeviceEvent): void {
    this.screen.apply(event);
    this.pending.apply(event);
    this.#emitter.emit(event);
  }

  /** States something. */
  abstract apply(input: AppInput): Promise<RuledEffect[]>;

  /** Tries at once, if it waits for the next try to connect. */
  abstract reconnect(): void;

  #tap(tap: Tap): Promise<RuledEffect[]> {
    return this.apply({ kind: "tap", tap });
  }

  /** Accepts a call on the screen (D-11). Enter the room when `join` comes, not before. */
  accept(attempt: number): Promise<RuledEffect[]> {
    return this.#tap({ kind: "accept", attempt });
  }

  /** Rejects a call on the screen, on all devices of the user (D-11). */
  reject(attempt: number, reason: CallRejectionReason = "rejected"): Promise<RuledEffect[]> {
    return this.#tap({ kind: "reject", attempt, reason });
  }

  /** Silences a call on this device: it stays on the screen (D-30). */
  silence(attempt: number): Promise<RuledEffect[]> {
    return this.#tap({ kind: "silence", attempt });
  }

  /** Hides a call on this device: it rings on elsewhere (D-30). */
  rejectHere(attempt: number): Promise<RuledEffect[]> {
    return this.#tap({ kind: "rejectHere", attempt });
  }

  /** Calls users into a room (D-20). How that goes comes as `progress` (D-21). */
  call(roomID: string, users: string[], options: CallOptions = {}): Promise<RuledEffect[]> {
    const { timeout = 30, extensionInfo = "" } = options;
    return this.#tap({ kind: "call", roomID, userIDList: users, timeout, extensionInfo });
  }

  /** Withdraws this user's calls (D-20). */
  cancel(roomID: string, users: string[]): Promise<RuledEffect[]> {
    return this.#tap({ kind: "cancel", roomID, userIDList: users });
  }

  /** Ends anybody's calls, as owner or admin (D-20). */
  revoke(roomID: string, users: string[]): Promise<RuledEffect[]> {
    return this.#tap({ kind: "revoke", roomID, userIDList: users });
  }

  /** The person has seen the list of calls up to this entry, by its number (D-36). */
  markSeen(upTo: number): Promise<RuledEffect[]> {
    return this.#tap({ kind: "markSeen", upTo });
  }

  /** This device is in a room, or with null in none; once the server knows it, too (D-08). */
  setRoom(roomID: string | null): Promise<RuledEffect[]> {
    return this.apply({ kind: "inRoom", roomID });
  }

  /** The device could not enter the room of a `join` (D-32). */
  joinFailed(): Promise<RuledEffect[]> {
    return this.apply({ kind: "joinFailed" });
  }

  /** Something else has the device, or has it no longer: calls do not ring then (D-31). */
  setOccupied(isOccupied: boolean): Promise<RuledEffect[]> {
    return this.apply({ kind: "occupied", isOccupied });
  }

  /**
   * A push message brought an event, which left the server `age` milliseconds ago, as far as that is known. For
   * each ring there is a `show` or a `report` among the effects (D-29).
   */
  push(event: Event, age = 0): Promise<RuledEffect[]> {
    return this.apply({ kind: "push", event, age });
  }

  /** Other intervals and bounds (D-34). */
  configure(settings: Settings): Promise<RuledEffect[]> {
    return this.apply({ kind: "settings", settings });
  }

  /** The user signs out of this device, for good: signing in again needs a new device id (D-33). */
  signOut(): Promise<RuledEffect[]> {
    return this.apply({ kind: "signedOut" });
  }
}
