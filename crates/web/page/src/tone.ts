/** A short tone, again and again, while something rings, if the person allows it. */

/** From one tone to the next, in milliseconds. */
const EVERY = 2_600;

export class Tone {
  #context: AudioContext | undefined;
  #timer: ReturnType<typeof setInterval> | undefined;
  #isAllowed: boolean;

  constructor() {
    this.#isAllowed = localStorage.getItem("roomcall-page:sound") === "yes";
    // A browser lets a page sound once somebody has clicked or typed on it.
    for (const kind of ["pointerdown", "keydown"])
      addEventListener(kind, () => void (this.#isAllowed && this.#open().resume()));
  }

  get isAllowed(): boolean {
    return this.#isAllowed;
  }

  allow(isAllowed: boolean): void {
    this.#isAllowed = isAllowed;
    localStorage.setItem("roomcall-page:sound", isAllowed ? "yes" : "no");
    if (isAllowed) void this.#open().resume().then(() => this.#sound(0.5));
  }

  /** Whether a call rings now. */
  ring(isRinging: boolean): void {
    if (isRinging === (this.#timer !== undefined)) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
    if (!isRinging) return;
    this.#sound();
    this.#timer = setInterval(() => this.#sound(), EVERY);
  }

  #open(): AudioContext {
    this.#context ??= new AudioContext();
    return this.#context;
  }

  /** Two notes that swell and fade. */
  #sound(loudness = 1): void {
    const context = this.#context;
    if (!this.#isAllowed || context?.state !== "running") return;
    for (const [pitch, after] of [[660, 0], [880, 0.22]] as const) {
      const begin = context.currentTime + after;
      const note = new OscillatorNode(context, { frequency: pitch });
      const gain = new GainNode(context, { gain: 0 });
      gain.gain.linearRampToValueAtTime(0, begin);
      gain.gain.linearRampToValueAtTime(0.12 * loudness, begin + 0.04);
      gain.gain.exponentialRampToValueAtTime(0.001, begin + 0.5);
      note.connect(gain).connect(context.destination);
      note.start(begin);
      note.stop(begin + 0.55);
    }
  }
}
