/** One signed-in device of one user. */
import init, { RawHandset } from "../wasm/handset.js";
import { decode, encode } from "./codec.js";
import { InvalidInputError, SavedStateError, guard } from "./errors.js";
import { Module, type ModuleSource } from "./module.js";
import type { Effect, Input, Settings, Stage } from "./types.js";

/** An effect, and the rule behind it, such as `D-12`. */
export type RuledEffect = Effect & { rule: string };

/** A call on the screen. */
export interface OnScreen {
  /** Which attempt. */
  attempt: number;
  /** At which stage it is (D-07). */
  stage: Stage;
}

const module = new Module(init, "handset_bg.wasm");

/**
 * Loads the WebAssembly module of the handset: await it once, before the first `new Handset`. It is found
 * beside this file; `source` is for those who host it elsewhere.
 */
export function load(source?: ModuleSource): Promise<void> {
  return module.load(source);
}

/**
 * One signed-in device of one user: a pure state machine, which says what the screen shows and what is to be
 * sent. It does no I/O. `Client` of `roomcall/client` is the host that most web apps want.
 *
 * All times are milliseconds of a monotonic clock that starts with the process, such as `performance.now()`.
 */
export class Handset {
  #raw: RawHandset;

  /**
   * A device that was never signed in before. Settings that are left out have their defaults.
   *
   * A process that starts again uses `Handset.restore`: a new handset numbers its requests from 1, and the
   * switchboard answers a number that it knows as it did before.
   */
  constructor(user: string, device: string, settings: Partial<Settings> = {}) {
    module.check();
    this.#raw = guard(
      InvalidInputError,
      () => new RawHandset(user, device, JSON.stringify(settings)),
    );
  }

  /**
   * The device after its process was killed, from what `save` gave (D-25). `dead` is how many milliseconds
   * ago, by the wall clock, that was; null if nobody knows. Its clock starts at 0. Carry out `redraw()` then.
   */
  static restore(saved: Uint8Array, dead: number | null): Handset {
    module.check();
    const raw = guard(SavedStateError, () => RawHandset.restore(saved, dead ?? undefined));
    const handset = new Handset(raw.user, raw.device);
    handset.#raw.free();
    handset.#raw = raw;
    return handset;
  }

  /**
   * Applies inputs that came together at `now`, in milliseconds, and gives what is to be done, in the order of
   * D-03. A ring and its end that come together make no sound (D-26). No input at all is a tick. Save the state
   * before you carry the effects out (D-25).
   */
  apply(now: number, ...inputs: Input[]): RuledEffect[] {
    const wire = JSON.stringify(inputs.map((input) => encode("Input", input)));
    return effects(guard(InvalidInputError, () => this.#raw.apply(now, wire)));
  }

  /**
   * Applies a message of the server at `now`, in milliseconds: one or more lines. A line that is not known is
   * ignored: the server may be newer.
   */
  receive(now: number, message: string): RuledEffect[] {
    return effects(this.#raw.receive(now, message));
  }

  /** The state, to be stored after each step, before its effects are carried out (D-25). It is UTF-8 text. */
  save(): Uint8Array {
    return this.#raw.save();
  }

  /** What draws the screen anew for a host that lost it: a `show` of each call, a `progress` of each own one. */
  redraw(): RuledEffect[] {
    return effects(this.#raw.redraw());
  }

  /** What is on the screen, in the order of attempts (D-09). */
  screen(): OnScreen[] {
    return JSON.parse(this.#raw.screen()) as OnScreen[];
  }

  /** When it wants to be called next, in milliseconds of the device's clock; undefined for never (D-02). */
  get nextDeadline(): number | undefined {
    return this.#raw.nextDeadline;
  }

  /** Its clock, in milliseconds: the time of the last step (D-02). */
  get clock(): number {
    return this.#raw.clock;
  }

  /** Whether there is a connection, by the last input `link`. */
  get isUp(): boolean {
    return this.#raw.isUp;
  }

  /** Whether a snapshot was applied since it was made or restored: until then nothing new rings (D-15). */
  get isReady(): boolean {
    return this.#raw.isReady;
  }

  /** Whether the user signed out of this device: nothing but pushes has an effect any more (D-33). */
  get isSignedOut(): boolean {
    return this.#raw.isSignedOut;
  }

  /** The room that this device is in, by the last input `inRoom`. */
  get room(): string | undefined {
    return this.#raw.room;
  }

  /** The user. */
  get user(): string {
    return this.#raw.user;
  }

  /** The device. */
  get device(): string {
    return this.#raw.device;
  }

  /** The intervals and bounds that it was made with, or was last given (D-34). */
  get settings(): Settings {
    return JSON.parse(this.#raw.settings) as Settings;
  }

  /** Gives its memory back at once. Otherwise that happens when the handset is garbage collected. */
  free(): void {
    this.#raw.free();
  }
}

function effects(json: string): RuledEffect[] {
  const pairs = JSON.parse(json) as [string, unknown][];
  return pairs.map(([rule, wire]) => Object.assign(decode("Effect", wire), { rule }));
}
