import { SavedStateError } from "../errors.js";

/** Where states are kept: `localStorage`, or anything that stores texts at once. */
export interface StateStorage {
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** What is stored of a device that was given up, before the id of the one in its place. */
const REPLACED_BY = "replaced by\n";

/** What is read of a device. */
export interface Saved {
  /** What `Handset.save` gave. */
  state: Uint8Array;
  /** How many milliseconds ago that was, by the wall clock; null if that cannot be. */
  dead: number | null;
}

/** The saved state of one device: a line with the time, in milliseconds since 1970, and the state (D-25). */
export class SavedState {
  readonly #key: string;

  constructor(
    private readonly storage: StateStorage,
    user: string,
    device: string,
    private readonly wallClock: () => number,
  ) {
    this.#key = stateKey(user, device);
  }

  /** What was saved last; null if nothing was. */
  read(): Saved | null {
    const text = this.storage.getItem(this.#key);
    if (text === null) return null;
    const end = text.indexOf("\n");
    const savedAt = end > 0 ? Number(text.slice(0, end)) : NaN;
    if (!Number.isFinite(savedAt))
      throw new SavedStateError(
        `what is stored as ${this.#key} is not a saved handset: remove it, and sign the device in again under a new id`,
      );
    const age = this.wallClock() - savedAt;
    // The wall clock was set back: nobody knows.
    const dead = age < 0 ? null : Math.floor(age);
    return { state: new TextEncoder().encode(text.slice(end + 1)), dead };
  }

  /**
   * Gives the device up for one with that id, and says with which id it was given up first: another tab may have
   * been faster. A word of it stays, so that no handset is made under the old id, which would count its requests
   * from 1.
   */
  replace(device: string): string {
    const text = this.storage.getItem(this.#key);
    if (text?.startsWith(REPLACED_BY)) return text.slice(REPLACED_BY.length);
    this.storage.setItem(this.#key, REPLACED_BY + device);
    return device;
  }

  /** Stores a state in the place of the one before. */
  write(state: Uint8Array): void {
    this.storage.setItem(this.#key, `${this.wallClock()}\n${new TextDecoder().decode(state)}`);
  }
}

/** The key under which the state of a device is stored, for an app that removes it. */
export function stateKey(user: string, device: string): string {
  return `roomcall:${encodeURIComponent(user)}/${encodeURIComponent(device)}`;
}
