/** What one tab says of itself. */
export interface TabState {
  /** The room that it is in. */
  room: string | null;
  /** Whether something else has the device, as far as it knows. */
  isOccupied: boolean;
  /** The room of the call that it accepted, if no other tab has accepted one since: a `join` into it is for this tab. */
  accepted: string | null;
}

/** What a tab says at first. */
export const NOWHERE: TabState = { room: null, isOccupied: false, accepted: null };

/** What the tabs of a browser are together, as one device. */
export class TabStates {
  /** The one that said something last stands last. */
  readonly #tabs = new Map<string, TabState>();

  has(tab: string): boolean {
    return this.#tabs.has(tab);
  }

  /** What a tab says. What a tab accepted that is known is not for it to say: see `accept`. */
  set(tab: string, state: TabState): void {
    const before = this.#tabs.get(tab);
    if (before && before.room !== state.room) this.#tabs.delete(tab);
    const { accepted } = before ?? state;
    this.#tabs.set(tab, { ...state, accepted });
  }

  /** A tab accepted a call into a room: what others accepted before is over. */
  accept(by: string, room: string): void {
    for (const [tab, state] of this.#tabs)
      this.#tabs.set(tab, { ...state, accepted: tab === by ? room : null });
  }

  /** The tab is gone. */
  delete(tab: string): void {
    this.#tabs.delete(tab);
  }

  /** The room that a tab entered last, of those that tabs are in. */
  get room(): string | null {
    const rooms = [...this.#tabs.values()].map(({ room }) => room);
    return rooms.filter((room) => room !== null).at(-1) ?? null;
  }

  get isOccupied(): boolean {
    return [...this.#tabs.values()].some(({ isOccupied }) => isOccupied);
  }

  /** The tab that accepted a call into a room. */
  accepted(room: string): string | undefined {
    const tabs = [...this.#tabs].filter(([, { accepted }]) => accepted === room);
    return tabs.at(-1)?.[0];
  }
}
