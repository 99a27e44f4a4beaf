import { RoomcallError, SavedStateError } from "../errors.js";
import type { RuledEffect } from "../handset.js";
import { defaultStorage, type ClientOptions } from "./client.js";
import { Device, type AppInput } from "./device.js";
import { platform } from "./environment.js";
import { Leader } from "./leader.js";
import { SavedState } from "./saved-state.js";
import type { Channel, FromLeader, Locks, TabMessage, ToLeader } from "./tab-messages.js";
import { NOWHERE, type TabState } from "./tab-states.js";

/** What a tab is made with. */
export interface TabsOptions extends ClientOptions {
  /** By whom the leader is chosen. `navigator.locks` if left out; null for nobody: see `Tabs`. */
  locks?: Locks | null;
  /** Opens a channel between the tabs. A `BroadcastChannel` if left out. */
  channel?: (name: string) => Channel;
}

/** An input that no leader has answered. */
interface Pending {
  input: AppInput;
  resolve(effects: RuledEffect[]): void;
  reject(error: Error): void;
}

/**
 * One device, in as many tabs as a browser has open. The tab that holds a Web Lock leads: it has the socket and
 * the handset. The others send it what their app states, over a BroadcastChannel, and are told what it tells.
 * When it closes, the next tab restores the saved state and leads. All tabs show the same screen; a `join` comes
 * to the tab that accepted.
 *
 * Without Web Locks (they need a secure context: HTTPS or localhost) each tab is a device of its own under the
 * same id. The server closes all but the newest, with 4409: the others are `stopped`.
 */
export class Tabs extends Device {
  #options: TabsOptions;
  #name: string;
  readonly #id = `${Math.random().toString(36).slice(2)}${Date.now().toString(36)}`;
  readonly #locks: Locks | null;
  #end = new AbortController();
  readonly #inputs = new Map<number, Pending>();
  #channel: Channel | undefined;
  #leader: Leader | undefined;
  #state: TabState;
  #numbers = 0;
  /** What is saved cannot be restored, and this tab was told so. */
  #damage: SavedStateError | undefined;
  /** Lets go of the locks that this tab holds. */
  #letGo: () => void = () => undefined;
  /** Whoever waits for the first screen. */
  #drawn: { resolve(): void; reject(error: unknown): void } | undefined;

  constructor(options: TabsOptions) {
    super();
    this.#options = options;
    const { initial, locks } = options;
    this.#name = nameOf(options);
    const { room = null, occupied = false } = initial ?? {};
    this.#state = { ...NOWHERE, room, isOccupied: occupied };
    this.#locks = locks === undefined ? platformLocks() : locks;
  }

  /** Whether this tab has the socket and the handset. */
  get isLeader(): boolean {
    return this.#leader !== undefined;
  }

  /**
   * Joins the other tabs, or leads; resolves when the screen is drawn. Rejects with a `SavedStateError` as
   * `Client.start` does; call `forget` then. What goes wrong where a tab leads later is told as `stopped`.
   */
  async start(): Promise<void> {
    if (this.#channel) throw new RoomcallError("the tab was started before");
    const { channel = (name) => new BroadcastChannel(name) as Channel } = this.#options;
    this.#channel = this.#locks ? channel(this.#name) : noChannel();
    this.#channel.onmessage = ({ data }) => this.#hear(data);
    if (!this.#locks) return this.#lead().catch((error: unknown) => this.#cannotLead(error));
    const drawn = new Promise<void>((resolve, reject) => (this.#drawn = { resolve, reject }));
    const held = new Promise<void>((resolve) => (this.#letGo = resolve));
    // Whoever gets this lock knows that the tab is gone.
    this.#hold(this.#lockOf(this.#id), () => held);
    this.#hold(this.#name, async () => {
      try {
        await this.#lead();
        await held;
      } catch (error) {
        this.#cannotLead(error);
      }
    });
    this.#send({ kind: "hello", from: this.#id, state: this.#state });
    return drawn;
  }

  /** States something in this tab. It waits until a tab leads. */
  apply(input: AppInput): Promise<RuledEffect[]> {
    if (this.#damage) return Promise.reject(this.#damage);
    if (!this.#channel || this.#end.signal.aborted)
      return Promise.reject(new RoomcallError("the tab is not started, or closed"));
    if (input.kind === "inRoom") this.#state = { ...this.#state, room: input.roomID };
    if (input.kind === "occupied") this.#state = { ...this.#state, isOccupied: input.isOccupied };
    if (input.kind === "tap" && input.tap.kind === "accept") {
      const accepted = this.screen.get(input.tap.attempt)?.call.roomID ?? null;
      this.#state = { ...this.#state, accepted };
    }
    this.#numbers += 1;
    const number = this.#numbers;
    return new Promise((resolve, reject) => {
      this.#inputs.set(number, { input, resolve, reject });
      this.#sendInput(number, input);
    });
  }

  reconnect(): void {
    this.#send({ kind: "reconnect", from: this.#id });
  }

  /**
   * Starts anew under a new device id, after what is saved could not be restored: `start` rejected with a
   * `SavedStateError`, or this tab was told `stopped`, with `damaged`. Listeners stay; this tab is in no room.
   * Returns the id to keep, which is that of the first tab that did this.
   */
  async forget(device: string): Promise<string> {
    if (!this.#damage) throw new RoomcallError("what is saved of this device is not damaged");
    const { storage = defaultStorage(), user, environment = platform } = this.#options;
    const old = this.#options.device;
    if (!storage || device === old)
      throw new RoomcallError(`the new device id has to be another one than ${old}`);
    const saved = new SavedState(storage, user, old, () => environment.wallClock());
    const kept = saved.replace(device);
    this.#options = { ...this.#options, device: kept };
    this.#name = nameOf(this.#options);
    this.#state = { ...NOWHERE, isOccupied: this.#state.isOccupied };
    this.#end = new AbortController();
    this.#channel = undefined;
    this.#damage = undefined;
    await this.start();
    return kept;
  }

  /** Ends this tab's part in the device. Another tab leads then, if there is one. */
  close(): void {
    this.#close(new RoomcallError("the tab is closed"));
  }

  #close(error: Error): void {
    this.#leader?.stop();
    this.#leader = undefined;
    this.#end.abort();
    this.#letGo();
    this.#channel?.close();
    for (const { reject } of this.#inputs.values()) reject(error);
    this.#inputs.clear();
  }

  #lockOf(tab: string): string {
    return `${this.#name}/tab/${tab}`;
  }

  /** Does something while it holds a lock, as soon as it gets it; nothing, if the tab is closed before. */
  #hold(name: string, whileHeld: () => Promise<void>): void {
    const { signal } = this.#end;
    this.#locks?.request(name, { signal }, whileHeld).catch((error: unknown) => {
      if (!signal.aborted) throw error;
    });
  }

  /** Whoever waits for the screen is told, or else all who listen. */
  #cannotLead(error: unknown): void {
    const drawn = this.#drawn;
    this.#drawn = undefined;
    if (error instanceof SavedStateError) {
      this.#damage = error;
      // No other tab can lead either: each is told when its turn comes.
      this.#close(error);
    }
    if (!this.#locks) throw error;
    if (drawn) return drawn.reject(error);
    const why = this.#damage ? "damaged" : "failed";
    const reason = error instanceof Error ? error.message : String(error);
    this.emit({ kind: "stopped", why, code: null, reason });
  }

  async #lead(): Promise<void> {
    const leader = new Leader(this.#options, this.#id, this.#state, {
      tell: (message) => this.#tell(message),
      whenGone: (tab, callback) => {
        this.#hold(this.#lockOf(tab), () => Promise.resolve(callback()));
      },
    });
    this.#leader = leader;
    try {
      await leader.start();
    } catch (error) {
      this.#leader = undefined;
      throw error;
    }
  }

  /** To the leader, which may be here. */
  #send(message: ToLeader): void {
    if (this.#leader) void this.#leader.hear(message);
    else this.#channel?.postMessage(message);
  }

  #sendInput(number: number, input: AppInput): void {
    this.#send({ kind: "input", from: this.#id, state: this.#state, number, input });
  }

  /** From the leader, which is here. */
  #tell(message: FromLeader): void {
    if (this.#end.signal.aborted) return;
    // The others first: an app that hears of an end may close this tab.
    if (!("to" in message) || message.to !== this.#id) this.#channel?.postMessage(message);
    this.#follow(message);
  }

  #hear(message: TabMessage): void {
    if (isToLeader(message)) void this.#leader?.hear(message);
    else this.#follow(message);
  }

  #follow(message: FromLeader): void {
    if ("to" in message && message.to !== null && message.to !== this.#id) return;
    switch (message.kind) {
      case "leading":
        this.#send({ kind: "hello", from: this.#id, state: this.#state });
        for (const [number, { input }] of this.#inputs) this.#sendInput(number, input);
        return;
      case "screen":
        for (const effect of this.screen.follow(message.effects))
          if (effect.kind !== "send") this.emit(effect);
        for (const event of this.pending.follow(message.pending)) this.emit(event);
        this.#drawn?.resolve();
        this.#drawn = undefined;
        return;
      case "event":
        this.emit(message.event);
        return;
      case "accepted":
        if (message.by !== this.#id) this.#state = { ...this.#state, accepted: null };
        return;
      case "done":
        this.#inputs.get(message.number)?.resolve(message.effects);
        this.#inputs.delete(message.number);
        return;
      case "failed":
        this.#inputs.get(message.number)?.reject(new RoomcallError(message.message));
        this.#inputs.delete(message.number);
    }
  }
}

/** What the tabs of a device find each other by. */
function nameOf({ user, device }: ClientOptions): string {
  return `roomcall:${encodeURIComponent(user)}/${encodeURIComponent(device)}`;
}

function isToLeader(message: TabMessage): message is ToLeader {
  return ["hello", "input", "reconnect"].includes(message.kind);
}

/** Where nobody else listens. */
function noChannel(): Channel {
  return { onmessage: null, postMessage: () => undefined, close: () => undefined };
}

function platformLocks(): Locks | null {
  const hasChannels = typeof BroadcastChannel !== "undefined";
  return (hasChannels && (globalThis.navigator?.locks as Locks | undefined)) || null;
}
