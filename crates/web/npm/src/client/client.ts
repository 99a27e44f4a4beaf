import { RoomcallError } from "../errors.js";
import { frame } from "../frame.js";
import { Handset, load, type RuledEffect } from "../handset.js";
import type { Settings } from "../types.js";
import { Backoff } from "./backoff.js";
import { REPLACED, afterClose } from "./close-codes.js";
import { CONNECT_WITHIN, Connection } from "./connection.js";
import { Device, type AppInput, type DeviceEvent } from "./device.js";
import { platform, type Environment } from "./environment.js";
import { SavedState, type StateStorage } from "./saved-state.js";

/** What is so when a device starts. */
export interface InitialState {
  /** Something else has the device: calls do not ring then (D-31). */
  occupied?: boolean;
  /** The room that the device is in, as the server knows, too (D-08). */
  room?: string | null;
}

/** What a client is made with. */
export interface ClientOptions {
  /** The user's id, as the token has it. */
  user: string;
  /** The device's id, as the token has it. Keep it with the browser profile, and one handset to each. */
  device: string;
  /**
   * Makes the address of the server's socket, with a token of that device that is valid now. It is called for
   * each try; if it throws, or takes ten seconds, that try has failed. A browser is not told why a server refuses a token.
   */
  url: (device: string) => string | Promise<string>;
  /** Where the state is kept. `localStorage` if left out; null for nowhere. */
  storage?: StateStorage | null;
  /** Settings of a device that is new. Those that are left out have their defaults. */
  settings?: Partial<Settings>;
  /**
   * What a handset has to know before anything rings: a restart forgets both (D-25, D-31), so that stating it
   * after `start` is too late.
   */
  initial?: InitialState;
  /** Sockets, clocks and timers. Those of the platform if left out. */
  environment?: Environment;
}

/** A connection that held for this long was good, in milliseconds. */
const GOOD_AFTER = 10_000;
/** The shortest wait after a close code that says later, in milliseconds. */
const LATER = 5_000;
/** The longest timer of a browser, in milliseconds. */
const LONGEST_TIMER = 2 ** 31 - 1;

const SIGNED_OUT: DeviceEvent = {
  kind: "stopped",
  why: "signedOut",
  code: null,
  reason: "the user signed out of this device",
};

/**
 * A device over a WebSocket: it keeps a connection, the timers and the saved state of one handset. Listen first,
 * then `start`. Where several tabs share a browser, use `Tabs`.
 */
export class Client extends Device {
  readonly #options: ClientOptions;
  readonly #environment: Environment;
  readonly #saved: SavedState | null;
  readonly #backoff: Backoff;
  readonly #startedAt: number;
  #handset: Handset | undefined;
  #connection: Connection | undefined;
  /** Which try to connect is the newest: an address that an older one waits for comes too late. */
  #try = 0;
  #openedAt: number | undefined;
  #isStopped = false;
  /** Whether the saved state is this client's to write. */
  #ownsState = true;
  /** What is not carried out yet. */
  readonly #effects: (RuledEffect | DeviceEvent)[] = [];
  #isCarryingOut = false;
  #stopTimer: (() => void) | undefined;
  #stopRetry: (() => void) | undefined;
  /** Ends the timer that runs while an address is awaited. */
  #stopAsking: (() => void) | undefined;
  #stopWakeUps: (() => void) | undefined;

  constructor(options: ClientOptions) {
    super();
    this.#options = options;
    this.#environment = options.environment ?? platform;
    this.#backoff = new Backoff(() => this.#environment.random());
    this.#startedAt = this.#environment.now();
    const { user, device, storage = defaultStorage() } = options;
    const wallClock = (): number => this.#environment.wallClock();
    this.#saved = storage && new SavedState(storage, user, device, wallClock);
  }

  /**
   * Loads the WebAssembly module, restores the saved state, draws its screen and connects. Throws a
   * `SavedStateError` if what is saved cannot be restored: sign the device in under a new id then.
   */
  async start(): Promise<void> {
    if (this.#handset) throw new RoomcallError("the client was started before");
    await load();
    const { user, device, settings } = this.#options;
    const saved = this.#saved?.read();
    this.#handset = saved
      ? Handset.restore(saved.state, saved.dead)
      : new Handset(user, device, settings);
    if (this.#isStopped) return;
    this.#begin(saved !== undefined && saved !== null);
    if (this.#handset.isSignedOut) return this.stop();
    this.#stopWakeUps = this.#environment.onWakeUp(() => this.reconnect());
    void this.#connect();
  }

  /** The first step, and what draws the screen, which died with the process. */
  #begin(isRestored: boolean): void {
    const handset = this.#started();
    const { occupied = false, room = null } = this.#options.initial ?? {};
    const inputs: AppInput[] = [];
    if (occupied) inputs.push({ kind: "occupied", isOccupied: true });
    if (room !== null) inputs.push({ kind: "inRoom", roomID: room });
    // A device that is new has no screen, and stores its state with the first step.
    if (!isRestored && inputs.length === 0) return;
    const step = inputs.length > 0 ? handset.apply(this.#now(), ...inputs) : [];
    const dismissed = step.filter(({ kind }) => kind === "dismiss");
    // What comes or changes by this step is drawn as it is now: nothing rings that is silent after it.
    const others = step.filter(({ kind }) => !["dismiss", "show", "update"].includes(kind));
    const told: (RuledEffect | DeviceEvent)[] = [...dismissed, ...handset.redraw(), ...others];
    if (handset.room !== undefined) told.unshift({ kind: "roomChanged", roomID: handset.room });
    if (handset.isSignedOut) told.push(SIGNED_OUT);
    this.#carryOut(told);
  }

  /** What draws the screen anew: a `show` of each call on it, a `progress` of each own call (D-25). */
  redraw(): RuledEffect[] {
    return this.#started().redraw();
  }

  /** States something, and gives the effects of the step. Several of one event belong into one step (D-26). */
  apply(...inputs: AppInput[]): Promise<RuledEffect[]> {
    try {
      const handset = this.#started();
      const [before, wasSignedOut] = [handset.room ?? null, handset.isSignedOut];
      const effects = handset.apply(this.#now(), ...inputs);
      const told: (RuledEffect | DeviceEvent)[] = [...effects];
      // What is listed after it is of the new room.
      if (isMove(before, handset.room ?? null, inputs))
        told.unshift({ kind: "roomChanged", roomID: handset.room ?? null });
      if (handset.isSignedOut && !wasSignedOut) told.push(SIGNED_OUT);
      this.#carryOut(told);
      if (handset.isSignedOut) this.stop();
      return Promise.resolve(effects);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  reconnect(): void {
    if (this.#stopRetry) void this.#connect();
  }

  /** Ends it for this process: no connection, no timers. What is saved stays. */
  stop(): void {
    this.#isStopped = true;
    this.#disconnect();
    this.#stopTimer?.();
    this.#stopWakeUps?.();
  }

  #started(): Handset {
    if (!this.#handset) throw new RoomcallError("the client is not started: await start() first");
    return this.#handset;
  }

  /** Milliseconds of the device's clock, which starts with the process. */
  #now(): number {
    return Math.floor(this.#environment.now() - this.#startedAt);
  }

  async #connect(): Promise<void> {
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    this.#try += 1;
    const number = this.#try;
    const isNewest = (): boolean => number === this.#try;
    this.#stopAsking = this.#environment.after(CONNECT_WITHIN, () => {
      this.#gone(null, "the address did not come in time");
    });
    try {
      const url = await this.#options.url(this.#options.device);
      if (!isNewest()) return;
      this.#stopAsking();
      // One that was closed tells neither its opening nor its end.
      this.#connection = new Connection(url, this.#environment, {
        open: () => this.#open(),
        // Of an older one, too: what it says late is true.
        message: (text) => {
          if (!this.#isStopped) this.#carryOut(this.#started().receive(this.#now(), text));
        },
        gone: (code, reason) => this.#gone(code, reason),
      });
    } catch (error) {
      if (isNewest()) this.#gone(null, String(error));
    }
  }

  #open(): void {
    this.#openedAt = this.#environment.now();
    this.emit({ kind: "connected" });
    this.#carryOut(this.#started().apply(this.#now(), { kind: "link", link: "up" }));
  }

  #gone(code: number | null, reason: string): void {
    const openedAt = this.#openedAt;
    if (openedAt !== undefined && this.#environment.now() - openedAt >= GOOD_AFTER)
      this.#backoff.reset();
    if (code === REPLACED) this.#ownsState = false;
    this.#disconnect();
    const after = afterClose(code);
    if (after === "stop") {
      this.#stopWakeUps?.();
      this.emit({ kind: "stopped", why: "closed", code, reason });
      return;
    }
    const retryIn = this.#backoff.next(after === "retryLater" ? LATER : 0);
    this.#stopRetry = this.#environment.after(retryIn, () => void this.#connect());
    this.emit({ kind: "disconnected", code, reason, retryIn });
  }

  /** There is no connection, and no try for one. */
  #disconnect(): void {
    this.#try += 1;
    this.#stopAsking?.();
    this.#stopRetry?.();
    this.#stopRetry = undefined;
    this.#connection?.close();
    this.#connection = undefined;
    const wasOpen = this.#openedAt !== undefined;
    this.#openedAt = undefined;
    if (wasOpen) this.#carryOut(this.#started().apply(this.#now(), { kind: "link", link: "down" }));
  }

  /** Saves the state, sets the timer, and only then does what is to be done (D-25). */
  #carryOut(effects: readonly (RuledEffect | DeviceEvent)[]): void {
    this.#save();
    this.#setTimer();
    this.#effects.push(...effects);
    // A listener that taps makes a step of its own, whose effects come after those of this one.
    if (this.#isCarryingOut) return;
    this.#isCarryingOut = true;
    try {
      for (let effect = this.#effects.shift(); effect; effect = this.#effects.shift()) {
        if (effect.kind === "send")
          this.#connection?.send(frame(effect), effect.requestID !== undefined);
        else this.emit(effect);
      }
    } finally {
      this.#isCarryingOut = false;
    }
  }

  #save(): void {
    if (!this.#ownsState) return;
    try {
      this.#saved?.write(this.#started().save());
    } catch (error) {
      this.emit({ kind: "storageFailed", error });
    }
  }

  /** After each step, as any input may change the deadline (D-02). */
  #setTimer(): void {
    this.#stopTimer?.();
    const deadline = this.#started().nextDeadline;
    if (deadline === undefined || this.#isStopped) return;
    const left = Math.max(0, Math.ceil(deadline - this.#now()));
    this.#stopTimer = this.#environment.after(Math.min(left, LONGEST_TIMER), () => {
      this.#carryOut(this.#started().apply(this.#now()));
    });
  }
}

/** Whether the device is in another room then, or was meanwhile. */
function isMove(before: string | null, after: string | null, inputs: AppInput[]): boolean {
  const rooms = inputs.filter((input) => input.kind === "inRoom").map(({ roomID }) => roomID);
  return [...rooms, after].some((room) => room !== before);
}

/** `localStorage`, where there is one and the person allows it. */
export function defaultStorage(): StateStorage | null {
  try {
    return globalThis.localStorage ?? null;
  } catch {
    return null;
  }
}
