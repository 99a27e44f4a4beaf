/** The switchboard of roomcall, by name: for tests and small hosts. It is a WebAssembly module of its own. */
import init, { RawSwitchboard } from "../wasm/switchboard.js";
import { decode, encode } from "./codec.js";
import { InvalidInputError, SavedStateError, guard } from "./errors.js";
import { Module, type ModuleSource } from "./module.js";
import type { LimitsChange, Line, Output, PolicyChange, To } from "./types.js";

export type { LimitsChange, Line, Output, PolicyChange, To } from "./types.js";
export { InvalidInputError, NotLoadedError, RoomcallError, SavedStateError } from "./errors.js";

/** What is different from the defaults. */
export interface SwitchboardOptions {
  /** The policy. */
  policy?: PolicyChange;
  /** The limits. */
  limits?: LimitsChange;
}

/** What one input came to. */
export interface Outcome {
  /** The answer to who asked, then the events, in order (O-01). */
  outputs: Output[];
  /** Each output as a line of the wire, for `Handset.receive` or a socket. */
  lines: string[];
  /** What happened, in sentences for people. */
  words: string[];
}

const module = new Module(init, "switchboard_bg.wasm");

/** Loads the WebAssembly module of the switchboard: await it once, before the first `new Switchboard`. */
export function load(source?: ModuleSource): Promise<void> {
  return module.load(source);
}

/** The one authority on calls: a pure state machine. All times are milliseconds of one clock, the host's. */
export class Switchboard {
  #raw: RawSwitchboard;

  /** A switchboard without rooms. */
  constructor(options: SwitchboardOptions = {}) {
    module.check();
    const header = JSON.stringify({ journal: 1, ...options });
    this.#raw = guard(InvalidInputError, () => new RawSwitchboard(header));
  }

  /**
   * The switchboard of a snapshot. Go on from its `clock`: a host that starts at 0 again stops all deadlines
   * until it catches up (T-02).
   */
  static restore(snapshot: Uint8Array): Switchboard {
    module.check();
    const raw = guard(SavedStateError, () => RawSwitchboard.restore(snapshot));
    const board = new Switchboard();
    board.#raw.free();
    board.#raw = raw;
    return board;
  }

  /** Applies one input, with the time at which it came, as a journal has it. */
  apply(line: Line): Outcome {
    return this.#apply(JSON.stringify(encode("Line", line)));
  }

  /** Applies a line of a journal as it is (J-02). */
  applyText(line: string): Outcome {
    return this.#apply(line);
  }

  #apply(line: string): Outcome {
    const json = guard(InvalidInputError, () => this.#raw.apply(line));
    const { outputs, words } = JSON.parse(json) as { outputs: unknown[]; words: string[] };
    return {
      outputs: outputs.map((output) => decode("Output", output)),
      lines: outputs.map((output) => JSON.stringify(output)),
      words,
    };
  }

  /** All that it knows (S-01). A journal goes on from there. */
  snapshot(): Uint8Array {
    return this.#raw.snapshot();
  }

  /** When it wants to be called next, in milliseconds of its clock; undefined for never (T-07). */
  get nextDeadline(): number | undefined {
    return this.#raw.nextDeadline;
  }

  /** Its clock, in milliseconds (T-02). */
  get clock(): number {
    return this.#raw.clock;
  }

  /** Gives its memory back at once. Otherwise that happens when the switchboard is garbage collected. */
  free(): void {
    this.#raw.free();
  }
}

/** A connection of a device. */
export interface Connected {
  /** The user. */
  user: string;
  /** The device. */
  device: string;
  /** The room that the user is in, as the facts say; none if left out. */
  room?: string | undefined;
}

/** Whether an event for that audience is for a device. */
export function isFor(to: To, { user, device, room }: Connected): boolean {
  if ("room" in to) return to.room === room;
  if (to.user !== user) return false;
  if ("device" in to) return to.device === device;
  return !("exceptDevice" in to) || to.exceptDevice !== device;
}
