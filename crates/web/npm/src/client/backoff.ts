/** The first wait is at most this long, in milliseconds. */
const FIRST = 250;
/** No wait is longer, in milliseconds. */
const LONGEST = 60_000;

/**
 * How long to wait before connecting again: twice as long each time, up to a minute. Half of it is left to
 * chance, so that the clients of a server that comes back do not all come at one moment.
 */
export class Backoff {
  #failures = 0;

  constructor(private readonly random: () => number) {}

  /** The next wait, in milliseconds; at least `atLeast`, and less than twice that where that is longer. */
  next(atLeast = 0): number {
    const most = Math.min(LONGEST, FIRST * 2 ** this.#failures);
    this.#failures += 1;
    const half = Math.max(most / 2, atLeast);
    return Math.round(half + half * this.random());
  }

  /** The connection was good. */
  reset(): void {
    this.#failures = 0;
  }
}
