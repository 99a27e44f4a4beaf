/** Listeners by kind. */
type Listener<E> = (event: E) => void;

/** As an exception that nobody catches, without ending what runs now. */
function report(error: unknown): void {
  if (typeof reportError === "function") return reportError(error);
  queueMicrotask(() => {
    throw error;
  });
}

/** Tells listeners what happens. One that throws stops nobody: its error is thrown outside. */
export class Emitter<E extends { kind: string }> {
  readonly #listeners = new Map<string, Set<Listener<E>>>();

  /** Listens to events of a kind, or with `*` to all; returns what ends it. */
  on(kind: string, listener: Listener<E>): () => void {
    const listeners = this.#listeners.get(kind) ?? new Set();
    this.#listeners.set(kind, listeners.add(listener));
    return () => void listeners.delete(listener);
  }

  emit(event: E): void {
    for (const kind of [event.kind, "*"])
      for (const listener of [...(this.#listeners.get(kind) ?? [])]) {
        try {
          listener(event);
        } catch (error) {
          report(error);
        }
      }
  }
}
