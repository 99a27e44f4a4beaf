/** The state of the playground, and what the commands of its buttons do to it. */

import type { Engine } from "./engine.js";
import { readNetwork } from "./files/network.js";
import { isNetwork, open } from "./files/open.js";
import { playFile, type Played } from "./files/player.js";
import type { Opened } from "./files/steps.js";
import type { Action } from "./model/action.js";
import { EXAMPLES, play } from "./model/examples.js";
import { History, replay } from "./model/history.js";
import { fromFragment, toFragment } from "./model/link.js";
import type { Plan } from "./model/plan.js";

/** What a button says. */
export type Command =
  | { type: "act"; action: Action }
  | { type: "select"; packet: number | null }
  | { type: "play" }
  | { type: "step" }
  | { type: "seek"; at: number }
  | { type: "line"; at: number }
  | { type: "close" };

/** A file that is stepped through. */
export interface Stepping {
  file: Opened;
  played: readonly Played[];
  at: number;
}

/** The state. Whoever changes it draws it anew. */
export class App {
  history: History;
  stepping: Stepping | null = null;
  playing = false;
  speed = 0.5;
  /** The time of the meeting that is drawn: at or after that of the frame. */
  now = 0;
  selected: number | null = null;

  constructor(private readonly engine: Engine) {
    this.history = new History(engine, play(engine, EXAMPLES[0]!).plan);
    this.example("race");
  }

  example(id: string): void {
    const example = EXAMPLES.find((example) => example.id === id) ?? EXAMPLES[0]!;
    const { plan, actions } = play(this.engine, example);
    this.meet(plan, actions);
    this.seek(actions.length);
  }

  /** Opens the text of a file, and throws what is wrong with it. */
  open(name: string, text: string): void {
    if (isNetwork(text)) {
      const { plan, actions } = readNetwork(this.engine, name, text);
      this.meet(plan, actions);
      return;
    }
    const file = open(name, text);
    const played = playFile(this.engine, file);
    this.playing = false;
    const first = played.findIndex((it) => it.differences.length > 0 || it.error !== undefined);
    this.stepping = { file, played, at: Math.max(0, first) };
  }

  /** Opens the meeting of an address; whether it is one. An address may come from anywhere: what is in it may be refused. */
  openFragment(fragment: string): boolean {
    const linked = fromFragment(fragment);
    if (!linked) return false;
    try {
      this.meet(linked.plan, linked.actions);
    } catch {
      return false;
    }
    this.seek(linked.actions.length);
    return true;
  }

  /** The meeting up to here, as the fragment of an address. */
  fragment(): string {
    const { plan, actions, at } = this.history;
    return toFragment(plan, actions.slice(0, at));
  }

  /** The journal of the switchboard up to here. */
  journal(): string {
    const { plan, actions, at } = this.history;
    return replay(this.engine, plan, actions.slice(0, at)).board.journal();
  }

  run(command: Command): void {
    switch (command.type) {
      case "act":
        return this.act(command.action);
      case "select":
        this.selected = command.packet;
        if (command.packet !== null) this.playing = false;
        return;
      case "play":
        this.playing = !this.playing;
        return;
      case "step":
        this.playing = false;
        return this.step();
      case "seek":
        this.playing = false;
        return this.seek(command.at);
      case "line":
        if (this.stepping) this.stepping.at = Math.max(0, Math.min(command.at, this.stepping.played.length - 1));
        return;
      case "close":
        this.stepping = null;
    }
  }

  /** Time passes while it plays; whether anything but the places of messages is another. */
  pass(ms: number): boolean {
    this.now += ms * this.speed;
    let changed = false;
    for (;;) {
      const next = this.history.isAtEnd ? this.history.frame.next : this.history.frames[this.history.at + 1]!.now;
      if (next === null) this.playing = false;
      if (next === null || next > this.now) break;
      this.forward();
      changed = true;
    }
    this.settle();
    return changed;
  }

  private step(): void {
    this.forward();
    this.now = this.history.frame.now;
    this.settle();
  }

  private forward(): void {
    if (this.history.isAtEnd) this.history.act({ do: "next" });
    else this.history.seek(this.history.at + 1);
  }

  private seek(at: number): void {
    this.history.seek(at);
    this.now = this.history.frame.now;
    this.settle();
  }

  private act(action: Action): void {
    this.history.actAt(Math.floor(this.now), action);
    this.now = Math.max(this.now, this.history.frame.now);
    this.settle();
  }

  private meet(plan: Plan, actions: readonly Action[]): void {
    this.history = new History(this.engine, plan, actions);
    this.stepping = null;
    this.playing = false;
    this.now = 0;
    this.selected = null;
  }

  /** What is not in flight any more is not selected. */
  private settle(): void {
    const { flight } = this.history.frame;
    if (!flight.some(({ id }) => id === this.selected)) this.selected = null;
  }
}
