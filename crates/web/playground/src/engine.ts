/** The state machines behind an interface, so that the model does not know how they are loaded. */

import type { Effect, Output, Shown, Variant } from "./wire.js";

/** One device. */
export interface HandsetMachine {
  apply(at: number, inputs: Variant[]): Effect[];
  redraw(): Effect[];
  screen(): Shown[];
  save(): Uint8Array;
  readonly nextDeadline: number | undefined;
  readonly isReady: boolean;
}

/** The switchboard. A line is text, since a journal may have numbers that JavaScript rounds. */
export interface BoardMachine {
  apply(line: string): { outputs: Output[]; words: string[] };
  snapshot(): Uint8Array;
  readonly nextDeadline: number | undefined;
  readonly clock: number;
}

/** What makes them. */
export interface Engine {
  handset(user: string, device: string, settings: object): HandsetMachine;
  restoreHandset(saved: Uint8Array, dead: number | undefined): HandsetMachine;
  board(header: string): BoardMachine;
  restoreBoard(snapshot: Uint8Array): BoardMachine;
}

/** What the playground uses of the npm package `roomcall`. The codec is there since the files that it opens are in the wire's form. */
export interface Package {
  Handset: {
    new (user: string, device: string, settings: object): TypedHandset;
    restore(saved: Uint8Array, dead: number | null): TypedHandset;
  };
  Switchboard: {
    new (options: object): TypedSwitchboard;
    restore(snapshot: Uint8Array): TypedSwitchboard;
  };
  encode(name: string, value: unknown): unknown;
  decode(name: string, wire: unknown): unknown;
}

interface TypedHandset {
  apply(now: number, ...inputs: unknown[]): { rule: string }[];
  redraw(): { rule: string }[];
  screen(): Shown[];
  save(): Uint8Array;
  readonly nextDeadline: number | undefined;
  readonly isReady: boolean;
}

interface TypedSwitchboard {
  applyText(line: string): { outputs: unknown[]; words: string[] };
  snapshot(): Uint8Array;
  readonly nextDeadline: number | undefined;
  readonly clock: number;
}

/** The machines of the package, in the JSON of the wire. */
export function engineOf({ Handset, Switchboard, encode, decode }: Package): Engine {
  const wire = (effects: { rule: string }[]): Effect[] =>
    effects.map(({ rule, ...effect }) => ({ rule, effect: encode("Effect", effect) as Variant }));
  const handset = (typed: TypedHandset): HandsetMachine => ({
    apply: (at, inputs) => wire(typed.apply(at, ...inputs.map((input) => decode("Input", input)))),
    redraw: () => wire(typed.redraw()),
    screen: () => typed.screen(),
    save: () => typed.save(),
    get nextDeadline() {
      return typed.nextDeadline;
    },
    get isReady() {
      return typed.isReady;
    },
  });
  const board = (typed: TypedSwitchboard): BoardMachine => ({
    apply: (line) => {
      const { outputs, words } = typed.applyText(line);
      return { outputs: outputs.map((output) => encode("Output", output) as Output), words };
    },
    snapshot: () => typed.snapshot(),
    get nextDeadline() {
      return typed.nextDeadline;
    },
    get clock() {
      return typed.clock;
    },
  });
  return {
    handset: (user, device, settings) => handset(new Handset(user, device, settings)),
    restoreHandset: (saved, dead) => handset(Handset.restore(saved, dead ?? null)),
    board: (header) => board(new Switchboard(JSON.parse(header))),
    restoreBoard: (snapshot) => board(Switchboard.restore(snapshot)),
  };
}
