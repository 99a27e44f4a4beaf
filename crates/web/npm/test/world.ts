/** A world without a network: virtual time, sockets in memory, and a server that is a real switchboard. */
import { Switchboard, isFor, type Output } from "roomcall/switchboard";
import type { Command } from "roomcall";
import type { Environment, Socket, StateStorage } from "roomcall/client";

export class FakeSocket implements Socket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  readonly sent: string[] = [];
  isClosed = false;

  constructor(
    readonly url: string,
    private readonly world: World,
  ) {}

  send(text: string): void {
    this.sent.push(text);
    this.world.onSend(text);
    this.world.server?.hear(this, text);
  }

  close(): void {
    this.isClosed = true;
  }

  /** The server closes it, or it breaks. */
  end(code: number, reason = ""): void {
    this.isClosed = true;
    this.onclose?.({ code, reason });
  }
}

interface Timer {
  at: number;
  callback(): void;
}

export class World implements Environment {
  time = 0;
  chance = 0;
  /** What is added to the time to make the wall clock. */
  epoch = 1_764_000_000_000;
  server: Server | undefined;
  readonly sockets: FakeSocket[] = [];
  /** Is told of each text that is sent. */
  onSend: (text: string) => void = () => undefined;
  readonly #timers = new Set<Timer>();
  readonly #wakeUps = new Set<() => void>();

  connect(url: string): Socket {
    const socket = new FakeSocket(url, this);
    this.sockets.push(socket);
    return socket;
  }

  now(): number {
    return this.time;
  }

  wallClock(): number {
    return this.epoch + this.time;
  }

  after(milliseconds: number, callback: () => void): () => void {
    const timer = { at: this.time + milliseconds, callback };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  random(): number {
    return this.chance;
  }

  onWakeUp(callback: () => void): () => void {
    this.#wakeUps.add(callback);
    return () => void this.#wakeUps.delete(callback);
  }

  wakeUp(): void {
    this.#wakeUps.forEach((callback) => callback());
  }

  /** Time passes, and timers fire in their order. */
  async pass(milliseconds: number): Promise<void> {
    const end = this.time + milliseconds;
    for (;;) {
      await settle();
      const due = [...this.#timers].filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.#timers.delete(due);
      this.time = Math.max(this.time, due.at);
      due.callback();
    }
    this.time = end;
  }

  get last(): FakeSocket {
    const socket = this.sockets.at(-1);
    if (!socket) throw new Error("there is no socket");
    return socket;
  }
}

/** All promises that can go on have gone on. */
export function settle(): Promise<void> {
  return new Promise((resolve) => void setImmediate(() => setImmediate(resolve)));
}

export class MemoryStorage implements StateStorage {
  readonly items = new Map<string, string>();

  /** The state of the one device whose state is stored. */
  state(): string {
    const [text = ""] = this.items.values();
    return text.slice(text.indexOf("\n") + 1);
  }

  getItem(key: string): string | null {
    return this.items.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.items.set(key, value);
  }

  removeItem(key: string): void {
    this.items.delete(key);
  }
}

/** A server: a switchboard in which ana is in the room `standup` on her mac. */
export class Server {
  readonly board = new Switchboard();
  /** Whether it answers and tells anything. */
  isSilent = false;
  /** The room of whoever is connected. */
  #room: string | undefined;
  readonly #devices = new Map<FakeSocket, { user: string; device: string }>();

  constructor(private readonly world: World) {
    world.server = this;
    const at = 0;
    this.board.apply({ at, fact: { kind: "roomOpened", roomID: "standup", owner: "ana" } });
    const ana = { roomID: "standup", userID: "ana", deviceID: "mac" };
    this.board.apply({ at, fact: { kind: "userEntered", ...ana } });
  }

  /** Takes a connection. */
  accept(socket: FakeSocket): void {
    const [user = "", device = ""] = new URL(socket.url).pathname.slice(1).split("/");
    this.#devices.set(socket, { user, device });
    socket.onopen?.();
  }

  hear(socket: FakeSocket, text: string): void {
    const by = this.#devices.get(socket);
    if (!by || this.isSilent) return;
    const line = JSON.stringify({ at: this.world.time, by, ...JSON.parse(text) });
    this.#tell(this.board.applyText(line), socket);
  }

  /** Bo is in the room, with that device. */
  enter(deviceID: string): void {
    const at = this.world.time;
    this.#room = "standup";
    this.#tell(this.board.apply({ at, fact: { kind: "userEntered", roomID: "standup", userID: "bo", deviceID } }));
  }

  /** Bo has left the room. */
  leave(deviceID: string): void {
    const at = this.world.time;
    this.#room = undefined;
    this.#tell(this.board.apply({ at, fact: { kind: "userLeft", roomID: "standup", userID: "bo", deviceID } }));
  }

  /** Ana calls bo, or somebody else. */
  call(timeout = 30, callee = "bo"): void {
    this.#ana({ kind: "callUserToRoom", roomID: "standup", userIDList: [callee], timeout });
  }

  /** Ana thinks better of it. */
  cancel(callee = "bo"): void {
    this.#ana({ kind: "cancelCall", roomID: "standup", userIDList: [callee] });
  }

  #ana(command: Command): void {
    const by = { user: "ana", device: "mac" };
    this.#tell(this.board.apply({ at: this.world.time, by, command }));
  }

  #tell({ outputs, lines }: { outputs: Output[]; lines: string[] }, asked?: FakeSocket): void {
    for (const [socket, connected] of this.#devices) {
      const isTold = (output: Output): boolean =>
        "to" in output ? isFor(output.to, { ...connected, room: this.#room }) : socket === asked;
      const text = lines.filter((_, i) => isTold(outputs[i] as Output)).join("\n");
      // A network takes its time.
      if (text && !socket.isClosed) setImmediate(() => socket.onmessage?.({ data: text }));
    }
  }
}
