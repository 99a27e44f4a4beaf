import type { RuledEffect } from "../handset.js";
import type { AppInput, DeviceEvent } from "./device.js";
import { Client, type ClientOptions } from "./client.js";
import type { FromLeader, ToLeader } from "./tab-messages.js";
import { TabStates, type TabState } from "./tab-states.js";

/** How the connection stands: each tab that says hello is told the last one. */
const STANDING: DeviceEvent["kind"][] = ["connected", "disconnected", "stopped"];
/** What makes the screen and the pending list: each tab that says hello is told how they are. */
const DRAWN: DeviceEvent["kind"][] = [
  "show",
  "update",
  "dismiss",
  "progress",
  "listed",
  "unlisted",
  "roomChanged",
];

/** How a leader reaches the tabs. */
export interface LeaderPorts {
  /** Tells one tab or all, its own tab, too. */
  tell(message: FromLeader): void;
  /** Calls back when that tab is gone. */
  whenGone(tab: string, callback: () => void): void;
}

/** The tab that has the socket and the handset. */
export class Leader {
  readonly #client: Client;
  readonly #tabs = new TabStates();
  #room: string | null = null;
  #isOccupied = false;
  #isStarted = false;
  /** What the start told besides what tabs are drawn with. */
  readonly #kept: DeviceEvent[] = [];
  /** How the connection stands, for tabs that come later. */
  #standing: DeviceEvent | undefined;

  constructor(
    options: ClientOptions,
    private readonly own: string,
    state: TabState,
    private readonly ports: LeaderPorts,
  ) {
    // What other tabs state comes with their hello.
    this.#tabs.set(own, state);
    const { room, isOccupied } = this.#tabs;
    [this.#room, this.#isOccupied] = [room, isOccupied];
    this.#client = new Client({ ...options, initial: { room, occupied: isOccupied } });
    this.#client.onEvent((event) => this.#told(event));
  }

  /** Starts the client. Each tab says hello then, and is drawn anew. */
  async start(): Promise<void> {
    await this.#client.start();
    this.#isStarted = true;
    this.ports.tell({ kind: "leading" });
    for (const event of this.#kept.splice(0)) this.#told(event);
  }

  stop(): void {
    this.#client.stop();
  }

  /** A tab says something. */
  async hear(message: ToLeader): Promise<void> {
    const { from } = message;
    // Before it is started nobody knows of it; then all say hello, and repeat what they said.
    if (!this.#isStarted) return;
    if (message.kind === "reconnect") return this.#client.reconnect();
    if (!this.#tabs.has(from) && from !== this.own)
      this.ports.whenGone(from, () => {
        this.#tabs.delete(from);
        void this.#settle();
      });
    const roomBefore = this.#room;
    const effects = await this.#state(from, message.state);
    if (message.kind === "hello") {
      const pending = this.#client.pending.state;
      this.ports.tell({ kind: "screen", to: from, effects: this.#client.redraw(), pending });
      if (this.#standing) this.ports.tell({ kind: "event", to: from, event: this.#standing });
      return;
    }
    const { number, input } = message;
    try {
      if (!isOfTab(input)) effects.push(...(await this.#client.apply(input)));
      this.#noteAccept(from, input, effects);
      // A tab that comes into the room of the device: the handset lists what changes only.
      if (input.kind === "inRoom" && input.roomID !== null && input.roomID === roomBefore)
        for (const event of this.#client.pending.calls) this.ports.tell({ kind: "event", to: from, event });
      this.ports.tell({ kind: "done", to: from, number, effects });
    } catch (error) {
      const text = error instanceof Error ? error.message : String(error);
      this.ports.tell({ kind: "failed", to: from, number, message: text });
    }
  }

  /** One that is ignored, since there is no such call or another one is being accepted, changes nothing (D-11). */
  #noteAccept(by: string, input: AppInput, effects: RuledEffect[]): void {
    if (input.kind !== "tap" || input.tap.kind !== "accept") return;
    const { attempt } = input.tap;
    const isTaken = effects.some(
      (it) => it.kind === "update" && it.attempt === attempt && it.stage === "accepting",
    );
    const shown = this.#client.screen.get(attempt);
    if (!isTaken || !shown) return;
    this.#tabs.accept(by, shown.call.roomID);
    this.ports.tell({ kind: "accepted", by });
  }

  #state(tab: string, state: TabState): Promise<RuledEffect[]> {
    this.#tabs.set(tab, state);
    return this.#settle();
  }

  /** The device is in the room of the tab that entered one last (D-08), and occupied if one tab is (D-31). */
  async #settle(): Promise<RuledEffect[]> {
    const { room, isOccupied } = this.#tabs;
    const inputs: AppInput[] = [];
    if (room !== this.#room) inputs.push({ kind: "inRoom", roomID: room });
    if (isOccupied !== this.#isOccupied) inputs.push({ kind: "occupied", isOccupied });
    [this.#room, this.#isOccupied] = [room, isOccupied];
    return inputs.length > 0 ? this.#client.apply(...inputs) : [];
  }

  #told(event: DeviceEvent): void {
    const isStanding = STANDING.includes(event.kind);
    if (isStanding) this.#standing = event;
    if (!this.#isStarted) {
      // What the client draws at its start comes as a screen, so that no tab shows a call twice.
      if (!isStanding && !DRAWN.includes(event.kind)) this.#kept.push(event);
      return;
    }
    // One tab enters the room: that whose person said yes.
    const to = event.kind === "join" ? (this.#tabs.accepted(event.roomID) ?? this.own) : null;
    this.ports.tell({ kind: "event", to, event });
  }
}

/** What each tab states for itself. */
export function isOfTab(input: AppInput): boolean {
  return input.kind === "inRoom" || input.kind === "occupied";
}
