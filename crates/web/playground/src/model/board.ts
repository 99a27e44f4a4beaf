/** The host of the switchboard: it applies lines, and keeps its journal and its snapshots. */

import type { BoardMachine, Engine } from "../engine.js";
import { bodyOf, kindOf, type Line, type Output } from "../wire.js";

/** A state that the switchboard can be set back to. */
export interface Snapshot {
  at: number;
  why: string;
  bytes: Uint8Array;
  /** How many lines of the journal come before it. */
  lines: number;
}

/** A call that rings, as the switchboard tells its backend. */
export interface LiveCall {
  attempt: number;
  roomID: string;
  caller: string;
  callee: string;
  /** When it is over; never if null. */
  until: number | null;
  hasRung: boolean;
}

/** What a line came to. */
export interface Applied {
  line: Line;
  outputs: Output[];
  /** What happened, in sentences that cite rules. */
  words: string[];
}

/** So many snapshots are kept; of more the oldest go, but for the first. */
const KEPT = 12;

/** A switchboard keeps a snapshot by itself once in so many milliseconds. */
const EVERY = 10_000;

export class Board {
  lines: string[] = [];
  snapshots: Snapshot[] = [];
  private machine: BoardMachine;
  /** How many lines were ever applied, and what rang after so many. */
  private applied = 0;
  private known: { after: number; calls: readonly LiveCall[] } = { after: -1, calls: [] };

  constructor(
    private readonly engine: Engine,
    readonly header: string,
  ) {
    this.machine = engine.board(header);
    this.keep(0, "nothing has happened");
  }

  get due(): number | undefined {
    return this.machine.nextDeadline;
  }

  apply(line: Line): Applied {
    const last = this.snapshots[this.snapshots.length - 1];
    if (last && line.at - last.at >= EVERY) this.keep(line.at, "by itself");
    const text = JSON.stringify(line);
    const { outputs, words } = this.machine.apply(text);
    this.lines.push(text);
    this.applied += 1;
    return { line, outputs, words };
  }

  /** What rings. The question leaves no trace: it is asked only where it cannot move the clock past a deadline. */
  live(now: number): readonly LiveCall[] {
    if (this.known.after === this.applied || (this.due ?? Infinity) <= now) return this.known.calls;
    const calls: LiveCall[] = [];
    let cursor = "";
    do {
      const query = { getLiveCalls: cursor === "" ? {} : { cursor } };
      const line: Line = { at: now, by: "backend", query };
      const answer = this.machine.apply(JSON.stringify(line)).outputs[0]?.answer;
      if (!answer || kindOf(answer) !== "getLiveCalls") break;
      const page = bodyOf(answer);
      for (const { timeLeft, rung, ...call } of page.calls) {
        calls.push({ ...call, until: timeLeft === null ? null : now + timeLeft, hasRung: rung === true });
      }
      cursor = page.nextCursor;
    } while (cursor !== "");
    this.known = { after: this.applied, calls };
    return calls;
  }

  keep(at: number, why: string): void {
    const bytes = this.bytes();
    this.snapshots.push({ at, why, bytes, lines: this.lines.length });
    if (this.snapshots.length > KEPT) this.snapshots.splice(1, 1);
  }

  /** It is what it was: what came after is lost, and so are later snapshots. */
  setBack(index: number): Snapshot | undefined {
    const snapshot = this.snapshots[index];
    if (!snapshot) return undefined;
    this.machine = this.engine.restoreBoard(snapshot.bytes);
    this.lines.length = snapshot.lines;
    this.snapshots.length = index + 1;
    return snapshot;
  }

  /** A new process: the snapshot, and the journal since. */
  restart(): void {
    const last = this.snapshots[this.snapshots.length - 1];
    if (!last) return;
    this.machine = this.engine.restoreBoard(last.bytes);
    for (const line of this.lines.slice(last.lines)) this.machine.apply(line);
  }

  /** Its state, as it would be kept. */
  bytes(): Uint8Array {
    return this.machine.snapshot();
  }

  /** The journal of what stands, for `replay`. */
  journal(): string {
    return [this.header, ...this.lines].map((line) => `${line}\n`).join("");
  }
}
