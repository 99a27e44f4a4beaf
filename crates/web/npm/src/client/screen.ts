import type { RuledEffect } from "../handset.js";
import type { IncomingCall, Stage } from "../types.js";

/** A call on the screen. */
export interface ShownCall {
  /** The call. */
  call: IncomingCall;
  /** At which stage it is (D-07). */
  stage: Stage;
  /** How many milliseconds it had when it was shown; null for never. */
  timeLeft: number | null;
}

/** What is on the screen, kept by the effects `show`, `update` and `dismiss` (D-09). */
export class Screen {
  readonly #calls = new Map<number, ShownCall>();

  /** The calls, in the order of attempts. */
  get calls(): ShownCall[] {
    const byAttempt = (a: ShownCall, b: ShownCall): number => a.call.attempt - b.call.attempt;
    return [...this.#calls.values()].sort(byAttempt);
  }

  /** The call of an attempt. */
  get(attempt: number): ShownCall | undefined {
    return this.#calls.get(attempt);
  }

  /** Takes note of an effect. */
  apply(effect: { kind: string } | RuledEffect): void {
    const it = effect as RuledEffect;
    if (it.kind === "show") {
      const { call, stage, timeLeft } = it;
      this.#calls.set(call.attempt, { call, stage, timeLeft });
    } else if (it.kind === "update") {
      const shown = this.#calls.get(it.attempt);
      if (shown) this.#calls.set(it.attempt, { ...shown, stage: it.stage });
    } else if (it.kind === "dismiss") {
      this.#calls.delete(it.attempt);
    }
  }

  /**
   * The effects by which this screen becomes the one that a `redraw` draws: what is shown already is not shown
   * again, and what is not there any more is dismissed.
   */
  follow(redraw: RuledEffect[]): RuledEffect[] {
    const shows = redraw.filter((effect) => effect.kind === "show");
    const attempts = new Set(shows.map(({ call }) => call.attempt));
    const gone = this.calls.filter(({ call }) => !attempts.has(call.attempt));
    const changes: RuledEffect[] = gone.map(({ call: { attempt } }) => {
      return { kind: "dismiss", attempt, why: { kind: "gone" }, rule: "D-09" };
    });
    for (const effect of redraw) {
      const shown = effect.kind === "show" && this.#calls.get(effect.call.attempt);
      if (effect.kind !== "show" || !shown) {
        changes.push(effect);
      } else if (shown.stage !== effect.stage) {
        const { call, stage } = effect;
        changes.push({ kind: "update", attempt: call.attempt, stage, rule: "D-07" });
      }
    }
    return changes;
  }
}
