import type { RuledEffect } from "../handset.js";

/** An entry of the pending list: a call into the room, by whomever. */
export type ListedCall = Extract<RuledEffect, { kind: "listed" }>;

/** What one tab tells another of the list. */
export interface PendingState {
  room: string | null;
  calls: ListedCall[];
}

/** What changes it. */
type Change =
  | Extract<RuledEffect, { kind: "listed" | "unlisted" }>
  | { kind: "roomChanged"; roomID: string | null };

/** The pending list of the room that the device is in, kept by `roomChanged`, `listed` and `unlisted` (D-22). */
export class PendingList {
  readonly #calls = new Map<string, ListedCall>();
  #room: string | null = null;

  /** The room of the list; null for none, and then the list is empty. */
  get room(): string | null {
    return this.#room;
  }

  /** The entries, in the order of attempts; of each callee there is one. */
  get calls(): ListedCall[] {
    return [...this.#calls.values()].sort((a, b) => a.attempt - b.attempt);
  }

  /** Takes note of an event. */
  apply(event: { kind: string } | Change): void {
    const it = event as Change;
    if (it.kind === "listed") {
      this.#calls.set(it.callee, it);
    } else if (it.kind === "unlisted") {
      this.#calls.delete(it.callee);
    } else if (it.kind === "roomChanged") {
      this.#room = it.roomID;
      this.#calls.clear();
    }
  }

  /** What a tab is told that does not know it. */
  get state(): PendingState {
    return { room: this.room, calls: this.calls };
  }

  /** The events by which this list becomes that one. */
  follow({ room, calls }: PendingState): Change[] {
    if (room !== this.#room) return [{ kind: "roomChanged", roomID: room }, ...calls];
    const callees = new Set(calls.map(({ callee }) => callee));
    const gone = this.calls.filter(({ callee }) => !callees.has(callee));
    const isNew = ({ callee, attempt, status }: ListedCall): boolean => {
      const known = this.#calls.get(callee);
      return known?.attempt !== attempt || known.status !== status;
    };
    return [
      ...gone.map(({ callee, attempt, rule }) => ({ kind: "unlisted" as const, callee, attempt, rule })),
      ...calls.filter(isNew),
    ];
  }
}
