/** Makes actions by playing them: what a script does next may depend on what has come of it. */

import type { Engine } from "../engine.js";
import type { Variant } from "../wire.js";
import type { Action } from "./action.js";
import type { Packet } from "./network.js";
import type { Plan } from "./plan.js";
import { World } from "./world.js";

/** What a script can do. It only makes actions: the meeting is played from them. */
export class Script {
  readonly actions: Action[] = [];
  readonly world: World;

  constructor(engine: Engine, plan: Plan) {
    this.world = new World(engine, plan);
  }

  act(action: Action): this {
    this.world.perform(action);
    this.actions.push(action);
    return this;
  }

  tap(phone: number, tap: Variant): this {
    return this.act({ do: "tap", phone, tap });
  }

  /** Everything happens that is due in so many milliseconds. */
  pass(ms: number): this {
    const until = this.world.now + ms;
    for (let next = this.world.next(); next !== null && next <= until; next = this.world.next()) {
      this.act({ do: "next" });
    }
    return until > this.world.now ? this.act({ do: "wait", ms: until - this.world.now }) : this;
  }

  /** The first message in flight that is like this. */
  find(like: (packet: Packet) => boolean): number {
    return this.world.network.flight.find(like)?.id ?? 0;
  }

  /** The call that a phone shows. */
  call(phone: number): number {
    return this.world.phones[phone]?.picture.screen.calls[0]?.attempt ?? 0;
  }
}
