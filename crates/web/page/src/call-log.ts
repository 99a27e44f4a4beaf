/** The list of calls to this user. The handset gives each entry once, so the page keeps them. */
import type { EndingKind, LogEntry } from "roomcall";
import { endingWords } from "./words.js";

/** An entry of the list. */
export interface ListedCall {
  number: number;
  roomID: string;
  caller: string;
  /** When it was over or tried last, in milliseconds since 1970. */
  at: number;
  /** How it ended; null for tries that were refused, as another call rang. */
  how: EndingKind | null;
  tries: number;
  /** The device of this user on which it was answered. */
  deviceID: string | null;
}

/** Entries beyond this number are dropped, the oldest first. */
const MOST = 200;
const MISSED: ReadonlySet<EndingKind> = new Set(["timedOut", "cancelled", "revoked", "inOtherRoom"]);

/** Whether the user missed it. */
export const isMissed = ({ how }: ListedCall): boolean => how === null || MISSED.has(how);

export class CallLog {
  #calls: ListedCall[] = [];
  #seen = 0;

  /** From what `toText` gave; an empty list from anything else. */
  static fromText(text: string | null): CallLog {
    const log = new CallLog();
    try {
      const { calls, seen } = JSON.parse(text ?? "") as { calls: ListedCall[]; seen: number };
      if (Array.isArray(calls) && typeof seen === "number") [log.#calls, log.#seen] = [calls, seen];
    } catch {
      // Nothing was kept, or something else.
    }
    return log;
  }

  toText(): string {
    return JSON.stringify({ calls: this.#calls, seen: this.#seen });
  }

  /** Takes note of an entry at a time of the wall clock. */
  add({ number, roomID, caller, age, ended, tries }: LogEntry, now: number): void {
    const isReplaced = (it: ListedCall): boolean =>
      it.number === number ||
      (tries !== undefined && it.how === null && it.caller === caller && it.roomID === roomID);
    const kept = this.#calls.filter((it) => !isReplaced(it));
    const call: ListedCall = {
      ...{ number, roomID, caller, at: now - age, how: ended?.how ?? null },
      ...{ tries: tries ?? 1, deviceID: ended?.deviceID ?? null },
    };
    this.#calls = [...kept, call].sort((a, b) => b.number - a.number).slice(0, MOST);
  }

  /** The entries up to this one were seen. */
  see(upTo: number): void {
    this.#seen = Math.max(this.#seen, upTo);
  }

  /** The newest first. */
  get calls(): readonly ListedCall[] {
    return this.#calls;
  }

  /** The number of the newest entry; 0 if there is none. */
  get newest(): number {
    return this.#calls[0]?.number ?? 0;
  }

  /** Those that were missed and not seen. */
  get news(): ListedCall[] {
    return this.#calls.filter((call) => this.isNew(call));
  }

  isNew(call: ListedCall): boolean {
    return isMissed(call) && call.number > this.#seen;
  }
}

/** What became of a call. */
export function ofListed({ how, tries, deviceID }: ListedCall): string {
  if (how === null)
    return tries > 1 ? `missed ${tries} times: another call rang` : "missed: another call rang";
  const on = deviceID ? ` on ${deviceID}` : "";
  return endingWords[how] + on;
}

/** How long ago something was. */
export function ofAge(milliseconds: number): string {
  const minutes = Math.floor(milliseconds / 60_000);
  if (minutes < 1) return "just now";
  if (minutes < 60) return `${minutes} min ago`;
  const hours = Math.floor(minutes / 60);
  if (hours < 24) return `${hours} h ago`;
  const days = Math.floor(hours / 24);
  return days === 1 ? "yesterday" : `${days} days ago`;
}
