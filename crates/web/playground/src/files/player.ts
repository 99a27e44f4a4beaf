/** Plays a file from its first step to its last, and says how each compares. */

import type { BoardMachine, Engine, HandsetMachine } from "../engine.js";
import { BLANK, show, type Screen } from "../model/screen.js";
import { effectWords } from "../model/words.js";
import type { Effect, Output } from "../wire.js";
import { compare, type Difference } from "./compare.js";
import type { Opened, Step } from "./steps.js";

/** A step that was played. */
export interface Played {
  step: Step;
  /** What happened, in sentences. */
  words: string[];
  /** What came: outputs of a switchboard, or effects of a handset. */
  actual: unknown[];
  /** The rule of each of these, where it has one. */
  rules: (string | undefined)[];
  differences: Difference[];
  /** Why the library refuses the input itself. */
  error?: string;
  /** What a handset shows after it. */
  screen?: Screen;
}

/** All steps of a file. */
export function playFile(engine: Engine, file: Opened): Played[] {
  const player = file.handset ? handsetPlayer(engine, file.handset) : boardPlayer(engine, file.header);
  return file.steps.map((step) => {
    try {
      return player(step);
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      return { step, words: [], actual: [], rules: [], differences: [], error: text };
    }
  });
}

function boardPlayer(engine: Engine, header: string): (step: Step) => Played {
  const board: BoardMachine = engine.board(header);
  return (step) => {
    const { outputs, words } = board.apply(step.text);
    const differences = step.expected ? compare(step.expected, outputs, "output") : [];
    return { step, words, actual: outputs, rules: outputs.map(ruleOf), differences };
  };
}

function handsetPlayer(engine: Engine, of: NonNullable<Opened["handset"]>): (step: Step) => Played {
  let handset: HandsetMachine = engine.handset(of.user, of.device, of.settings);
  let screen = BLANK;
  return (step) => {
    const send = step.inputs!;
    let now = 0;
    let steps: Effect[];
    if ("restart" in send) {
      handset = engine.restoreHandset(handset.save(), send.restart.dead ?? undefined);
      screen = { ...BLANK, log: screen.log };
      steps = handset.redraw();
    } else {
      now = send.at;
      steps = handset.apply(send.at, send.inputs);
    }
    for (const effect of steps) screen = show(screen, effect, now);
    const actual = steps.map(({ effect }) => effect);
    const differences = [
      ...compare(step.expected ?? [], actual, "effect"),
      ...(step.screen ? compare(step.screen, handset.screen(), "call on the screen") : []),
    ];
    const words = steps.map((effect) => `${effectWords(effect)} (${effect.rule})`);
    return { step, words, actual, rules: steps.map(({ rule }) => rule), differences, screen };
  };
}

/** The rule of an effect, a refusal or an ignored fact. */
function ruleOf(output: Output): string | undefined {
  const { answer } = output;
  const ignored = typeof answer === "object" ? answer["fact"]?.ignored : undefined;
  return output.because ?? output.refused?.rule ?? ignored;
}
