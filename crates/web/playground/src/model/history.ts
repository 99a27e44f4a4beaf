/** The whole of what was done, so that any point of it can be looked at again, and gone on from. */

import type { Engine } from "../engine.js";
import type { Action } from "./action.js";
import type { Plan } from "./plan.js";
import { World, type Frame } from "./world.js";

/** A plan and its actions, and the frame after each of them. The world is at the end of them, or is made anew. */
export class History {
  actions: Action[] = [];
  frames: Frame[];
  /** Which frame is looked at: 0 is before the first action. */
  at = 0;
  private world: World;

  constructor(
    private readonly engine: Engine,
    readonly plan: Plan,
    actions: readonly Action[] = [],
  ) {
    this.world = new World(engine, plan);
    this.frames = [this.world.frame()];
    actions.forEach((action) => this.push(action));
    this.at = 0;
  }

  /** The frame that is looked at. */
  get frame(): Frame {
    return this.frames[this.at]!;
  }

  get isAtEnd(): boolean {
    return this.at === this.actions.length;
  }

  /** Looks at another point. Nothing is lost by it. */
  seek(at: number): Frame {
    this.at = Math.max(0, Math.min(at, this.actions.length));
    return this.frame;
  }

  /** Goes on from the point that is looked at; what came after it is no more. */
  act(action: Action): Frame {
    if (!this.isAtEnd) this.cut();
    this.push(action);
    return this.frame;
  }

  /** As `act`, at a time after the frame: what is due until then comes first. */
  actAt(time: number, action: Action): Frame {
    if (!this.isAtEnd) this.cut();
    while (this.frame.next !== null && this.frame.next <= time) this.push({ do: "next" });
    if (time > this.frame.now) this.push({ do: "wait", ms: time - this.frame.now });
    return this.act(action);
  }

  /** The world at the point that is looked at. */
  live(): World {
    if (!this.isAtEnd) this.cut();
    return this.world;
  }

  private push(action: Action): void {
    this.world.perform(action);
    this.actions.push(action);
    this.frames.push(this.world.frame());
    this.at = this.actions.length;
  }

  /** The world is made anew by the actions up to here: a handset cannot go back. */
  private cut(): void {
    this.actions.length = this.at;
    this.frames.length = this.at + 1;
    this.world = replay(this.engine, this.plan, this.actions);
  }
}

/** The world after some actions. Equal plans and actions make equal worlds. */
export function replay(engine: Engine, plan: Plan, actions: readonly Action[]): World {
  const world = new World(engine, plan);
  actions.forEach((action) => world.perform(action));
  return world;
}
