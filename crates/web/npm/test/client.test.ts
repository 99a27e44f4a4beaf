import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { before, test } from "node:test";

import { Handset } from "roomcall";
import { load as loadSwitchboard } from "roomcall/switchboard";
import { Client, closeCodes, stateKey, type ClientOptions, type DeviceEvent } from "roomcall/client";
import { MemoryStorage, Server, World, settle } from "./world.js";

before(() => loadSwitchboard());

/** Bo's phone, with all that it tells. */
class Phone {
  readonly events: DeviceEvent[] = [];
  readonly client: Client;

  constructor(
    readonly world: World,
    readonly storage = new MemoryStorage(),
    options: Partial<ClientOptions> = {},
  ) {
    const url = (): string => "ws://server/bo/phone";
    const base = { user: "bo", device: "phone", url, storage, environment: world };
    this.client = new Client({ ...base, ...options });
    this.client.onEvent((event) => this.events.push(event));
  }

  /** Starts it, and connects it to the server. */
  async connected(): Promise<this> {
    await this.client.start();
    await settle();
    this.world.server?.accept(this.world.last);
    await settle();
    return this;
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  of<K extends DeviceEvent["kind"]>(kind: K): Extract<DeviceEvent, { kind: K }>[] {
    return this.events.filter((event) => event.kind === kind) as Extract<DeviceEvent, { kind: K }>[];
  }
}

async function ringing(): Promise<{ world: World; server: Server; phone: Phone }> {
  const world = new World();
  const server = new Server(world);
  const phone = await new Phone(world).connected();
  server.call();
  await settle();
  return { world, server, phone };
}

test("a call rings, is accepted, and joins", async () => {
  const { world, phone } = await ringing();
  assert.deepEqual(phone.kinds(), ["connected", "show"]);
  assert.equal(phone.client.screen.calls[0]?.call.caller, "ana");
  assert.ok(world.last.sent.includes('{"command":{"ringing":{"attempt":1}}}'), "the caller hears");
  const effects = await phone.client.accept(1);
  assert.deepEqual(effects.map(({ kind }) => kind), ["update", "send"]);
  await settle();
  assert.deepEqual(phone.kinds().slice(2), ["update", "dismiss", "join"]);
  assert.deepEqual(phone.client.screen.calls, []);
});

test("each state is saved before its effects are carried out", async () => {
  const world = new World();
  const server = new Server(world);
  const phone = new Phone(world);
  /** The screen of a process that would start now. */
  const saved = (): string[] => {
    const state = new TextEncoder().encode(phone.storage.state());
    return Handset.restore(state, 0).screen().map(({ stage }) => stage);
  };
  const seen: [string, string[]][] = [];
  phone.client.onEvent(({ kind }) => void (kind !== "connected" && seen.push([kind, saved()])));
  await phone.connected();
  server.call();
  await settle();
  world.onSend = (text) => seen.push([text.includes("acceptCall") ? "send" : text, saved()]);
  await phone.client.accept(1);
  await settle();
  assert.deepEqual(seen, [
    ["show", ["ringing"]],
    ["update", ["accepting"]],
    ["send", ["accepting"]],
    ["dismiss", []],
    ["join", []],
  ]);
});

test("an unanswered request is sent again with its number", async () => {
  const { world, server, phone } = await ringing();
  server.isSilent = true;
  await phone.client.accept(1);
  await world.pass(2_000);
  const accepts = world.last.sent.filter((text) => text.includes("acceptCall"));
  assert.equal(accepts.length, 2);
  assert.equal(accepts[0], accepts[1]);
});

test("the waits between tries double up to a minute, and half of each is chance", async () => {
  for (const [chance, first, longest] of [
    [0, 125, 30_000],
    [1, 250, 60_000],
  ] as const) {
    const world = new World();
    world.chance = chance;
    const phone = new Phone(world);
    await phone.client.start();
    for (let i = 0; i < 12; i += 1) {
      await settle();
      world.last.end(1006);
      await world.pass(phone.of("disconnected").at(-1)?.retryIn ?? 0);
    }
    const waits = phone.of("disconnected").map(({ retryIn }) => retryIn);
    assert.deepEqual(waits.slice(0, 3), [first, 2 * first, 4 * first]);
    assert.equal(waits.at(-1), longest);
    assert.equal(world.sockets.length, 13);
  }
});

test("after a connection that held, it waits briefly again", async () => {
  const world = new World();
  const server = new Server(world);
  const phone = new Phone(world);
  await phone.client.start();
  const fail = async (): Promise<number> => {
    await settle();
    world.last.end(1006);
    const wait = phone.of("disconnected").at(-1)?.retryIn ?? 0;
    await world.pass(wait);
    return wait;
  };
  assert.deepEqual([await fail(), await fail(), await fail()], [125, 250, 500]);
  server.accept(world.last);
  assert.equal(await fail(), 1_000, "it held for no time");
  server.accept(world.last);
  await world.pass(10_000);
  assert.equal(await fail(), 125);
});

test("a wake-up does not wait for the next try", async () => {
  const world = new World();
  const phone = new Phone(world);
  await phone.client.start();
  await settle();
  world.wakeUp();
  await settle();
  assert.equal(world.sockets.length, 1, "it is connecting");
  world.last.end(1006);
  world.wakeUp();
  await settle();
  assert.equal(world.sockets.length, 2);
});

test("an address that cannot be made is a try that failed", async () => {
  const world = new World();
  let tries = 0;
  const url = (): Promise<string> => {
    tries += 1;
    return tries === 1 ? Promise.reject(new Error("no token")) : Promise.resolve("ws://x/bo/phone");
  };
  const phone = new Phone(world, undefined, { url });
  await phone.client.start();
  await settle();
  assert.match(phone.of("disconnected")[0]?.reason ?? "", /no token/);
  await world.pass(1_000);
  assert.deepEqual([tries, world.sockets.length], [2, 1]);
});

test("an address that does not come is a try that failed, and comes too late then", async () => {
  const world = new World();
  const answers: ((url: string) => void)[] = [];
  const url = (): Promise<string> => new Promise((resolve) => answers.push(resolve));
  const phone = new Phone(world, undefined, { url });
  await phone.client.start();
  await world.pass(9_999);
  assert.deepEqual(phone.kinds(), []);
  await world.pass(1);
  assert.match(phone.of("disconnected")[0]?.reason ?? "", /address/);
  world.wakeUp();
  assert.equal(answers.length, 2, "a wake-up does not wait");
  answers[0]?.("ws://late/bo/phone");
  await settle();
  assert.equal(world.sockets.length, 0);
  await world.pass(9_000);
  answers[1]?.("ws://server/bo/phone");
  await world.pass(9_000);
  assert.equal(world.sockets.length, 1, "the time of the address is not that of the socket");
  assert.equal(phone.of("disconnected").length, 1);
});

test("close codes", async () => {
  for (const [code, after] of Object.entries(closeCodes)) {
    const world = new World();
    new Server(world);
    const phone = await new Phone(world).connected();
    world.last.end(Number(code), "why");
    assert.equal(phone.kinds().at(-1), after === "stop" ? "stopped" : "disconnected", code);
    if (after === "retryLater") assert.ok((phone.of("disconnected")[0]?.retryIn ?? 0) >= 5_000);
    await world.pass(after === "stop" ? 3_600_000 : 10_000);
    assert.equal(world.sockets.length, after === "stop" ? 1 : 2, code);
  }
});

test("close codes are those of docs/clients.md", () => {
  const page = readFileSync(new URL("../../../../docs/clients.md", import.meta.url), "utf8");
  const [, part = ""] = page.split("<!-- close codes -->");
  const rows = [...part.matchAll(/^\| (\d+) \| .* \| (.*) \|$/gm)];
  const meant = rows.map(([, code, what = ""]) => {
    const stops = /does not (send it|connect) again/.test(what);
    return [code, stops ? "stop" : what.endsWith(", later") ? "retryLater" : "retry"];
  });
  assert.deepEqual(Object.fromEntries(meant), { ...closeCodes });
});

test("a process that is killed goes on where it was", async () => {
  const { world, storage } = await (async () => {
    const { world, phone } = await ringing();
    return { world, storage: phone.storage };
  })();
  // The first process is gone without a word, and the monotonic clock begins anew.
  const next = new World();
  next.epoch = world.wallClock() + 4_000;
  next.time = 77;
  next.epoch -= next.time;
  const phone = new Phone(next, storage);
  await phone.client.start();
  const [show] = phone.of("show");
  assert.equal(show?.timeLeft, 26_000);
  assert.equal(phone.client.screen.calls.length, 1);
  await next.pass(25_999);
  assert.equal(phone.client.screen.calls.length, 1);
  await next.pass(2);
  assert.equal(phone.of("dismiss")[0]?.why.kind, "silenced");
});

test("what is so at the start is known before anything rings", async () => {
  const { world, phone: before, server } = await ringing();
  before.client.stop();
  const occupied = new Phone(world, before.storage, { initial: { occupied: true } });
  await occupied.connected();
  await world.pass(1_000);
  assert.deepEqual(occupied.of("show").map(({ stage }) => stage), ["waiting"]);
  assert.deepEqual(occupied.of("update"), [], "not for a moment");
  await occupied.client.setOccupied(false);
  assert.deepEqual(occupied.of("update").map(({ stage }) => stage), ["ringing"]);
  occupied.client.stop();

  const inRoom = new Phone(world, before.storage, { initial: { room: "standup" } });
  await inRoom.connected();
  assert.deepEqual(inRoom.kinds().slice(0, 2), ["roomChanged", "dismiss"]);
  assert.deepEqual(inRoom.of("show"), [], "who is in the room does not ring (D-08)");
  assert.equal(inRoom.client.pending.room, "standup");
  server.enter("phone");
  server.call(30, "cy");
  await world.pass(1_000);
  assert.deepEqual(inRoom.client.pending.calls.map(({ callee }) => callee), ["cy"]);
  server.cancel("cy");
  await world.pass(1_000);
  assert.deepEqual(inRoom.client.pending.calls, []);

  const fresh = new Phone(new World(), new MemoryStorage(), { initial: { occupied: true, room: "standup" } });
  const itsServer = new Server(fresh.world);
  await fresh.connected();
  itsServer.call();
  await settle();
  assert.deepEqual(fresh.of("show"), []);
});

test("the pending list is of the room that the device is in", async () => {
  const world = new World();
  const server = new Server(world);
  const phone = await new Phone(world).connected();
  const { pending } = phone.client;
  server.enter("phone");
  server.call(30, "cy");
  await phone.client.setRoom("standup");
  await world.pass(1_000);
  assert.deepEqual([pending.room, pending.calls.length], ["standup", 1]);
  await phone.client.setRoom("standup");
  assert.equal(pending.calls.length, 1, "no other room");
  await phone.client.apply({ kind: "inRoom", roomID: null }, { kind: "inRoom", roomID: "standup" });
  assert.deepEqual([pending.room, pending.calls], ["standup", []], "out and in again");
  await world.pass(1_000);
  assert.equal(pending.calls.length, 1);
  await phone.client.setRoom(null);
  assert.deepEqual([pending.room, pending.calls], [null, []]);
  assert.deepEqual(phone.of("roomChanged").map(({ roomID }) => roomID), ["standup", "standup", null]);
});

test("a wall clock that was set back says nothing of how long it was dead", async () => {
  const { world, phone } = await ringing();
  const next = new World();
  next.epoch = world.wallClock() - 60_000;
  const again = new Phone(next, phone.storage);
  await again.client.start();
  assert.equal(again.of("show")[0]?.timeLeft, 30_000);
});

test("what is stored and cannot be read is an error that says what to do", async () => {
  const storage = new MemoryStorage();
  const state = (await ringing()).phone.storage.state();
  for (const text of ["nonsense", "17\n{}", `yesterday\n${state}`]) {
    storage.setItem(stateKey("bo", "phone"), text);
    const { client } = new Phone(new World(), storage);
    await assert.rejects(client.start(), { name: "SavedStateError", message: /new id/ });
  }
});

test("a storage that is full stops nothing", async () => {
  const world = new World();
  const server = new Server(world);
  const storage = new MemoryStorage();
  storage.setItem = () => {
    throw new Error("QuotaExceededError");
  };
  const phone = await new Phone(world, storage).connected();
  server.call();
  await settle();
  assert.ok(phone.kinds().includes("show"));
  assert.match(String(phone.of("storageFailed")[0]?.error), /Quota/);
});

test("a server that says nothing loses the connection", async () => {
  const { world, server, phone } = await ringing();
  server.isSilent = true;
  await phone.client.accept(1);
  await world.pass(14_999);
  assert.equal(world.sockets.length, 1);
  await world.pass(500);
  assert.equal(phone.of("disconnected")[0]?.reason, "the server does not answer");
  assert.ok(world.sockets[0]?.isClosed);
  assert.equal(world.sockets.length, 2);
  server.isSilent = false;
  server.accept(world.last);
  await settle();
  assert.equal(phone.of("join").length, 1, "what was unanswered is sent again");
});

test("a server that does not take the connection is left after ten seconds", async () => {
  const world = new World();
  const phone = new Phone(world);
  await phone.client.start();
  await world.pass(9_999);
  assert.equal(world.sockets.length, 1);
  await world.pass(200);
  assert.equal(world.sockets.length, 2);
  assert.match(phone.of("disconnected")[0]?.reason ?? "", /in time/);
});

test("the late end of an old connection is not the end of the new one", async () => {
  const { world, server, phone } = await ringing();
  const [old] = world.sockets;
  server.isSilent = true;
  await phone.client.accept(1);
  await world.pass(15_200);
  server.isSilent = false;
  server.accept(world.last);
  await settle();
  const before = phone.kinds().length;
  old?.end(1006);
  old?.onopen?.();
  await settle();
  assert.equal(phone.kinds().length, before);
  assert.equal(world.sockets.length, 2);
});

test("a listener that taps makes a step of its own, and one that throws stops nobody", async () => {
  const world = new World();
  const server = new Server(world);
  const phone = new Phone(world);
  const thrown: unknown[] = [];
  globalThis.reportError = (error) => thrown.push(error);
  phone.client.on("show", ({ call }) => {
    void phone.client.accept(call.attempt);
    throw new Error("a bug of the app");
  });
  await phone.connected();
  server.call();
  await settle();
  assert.deepEqual(phone.kinds().slice(1), ["show", "update", "dismiss", "join"]);
  assert.match(String(thrown[0]), /a bug of the app/);
});

test("who signs out is gone for good, and pushes are answered", async () => {
  const { world, phone, server } = await ringing();
  await phone.client.signOut();
  assert.deepEqual(phone.of("dismiss")[0]?.why, { kind: "signedOut" });
  assert.ok(world.last.isClosed);
  const [stopped] = phone.of("stopped");
  assert.deepEqual([stopped?.why, stopped?.code], ["signedOut", null]);
  assert.ok(phone.kinds().indexOf("dismiss") < phone.kinds().indexOf("stopped"));
  server.cancel();
  await world.pass(120_000);
  assert.equal(world.sockets.length, 1);
  const again = new Phone(world, phone.storage);
  await again.client.start();
  await world.pass(120_000);
  assert.equal(world.sockets.length, 1, "after a restart, too");
  assert.deepEqual(again.of("stopped").map(({ why }) => why), ["signedOut"]);
  const [report] = await again.client.push({
    kind: "onCallReceived",
    roomID: "standup",
    call: { caller: "ana", callee: "bo", status: "calling" },
    attempt: 9,
    extensionInfo: "",
    timeLeft: null,
  });
  assert.ok(report?.kind === "report" && report.why.kind === "signedOut");
  assert.equal(again.of("stopped").length, 1, "once");
});

test("who was replaced leaves the saved state alone", async () => {
  const { world, phone } = await ringing();
  world.last.end(4409);
  const saved = [...phone.storage.items.values()];
  world.time += 1_000;
  await phone.client.silence(1);
  assert.deepEqual([...phone.storage.items.values()], saved);
});

test("who is stopped while it asks for an address does not connect", async () => {
  const world = new World();
  let answer = (_url: string): void => undefined;
  const url = (): Promise<string> => new Promise((resolve) => (answer = resolve));
  const phone = new Phone(world, undefined, { url });
  await phone.client.start();
  phone.client.stop();
  answer("ws://server/bo/phone");
  await world.pass(120_000);
  assert.equal(world.sockets.length, 0);
});

test("before its start it says what to do", async () => {
  const { client } = new Phone(new World());
  await assert.rejects(client.accept(1), /await start\(\) first/);
});
