/** The title of the document: who calls, every other second while it rings, and how many calls were missed. */
const CALM = 1_500;

export class Title {
  #timer: ReturnType<typeof setInterval> | undefined;
  #ringing = "";
  #base = document.title;

  set(base: string, ringing: string): void {
    this.#base = base;
    if (ringing === this.#ringing) {
      if (ringing === "") document.title = base;
      return;
    }
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#ringing = ringing;
    document.title = ringing || base;
    if (ringing === "" || matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    this.#timer = setInterval(() => {
      document.title = document.title === this.#ringing ? this.#base : this.#ringing;
    }, CALM);
  }
}
