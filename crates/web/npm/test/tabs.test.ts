import assert from "node:assert/strict";
import { before, test } from "node:test";

import { load as loadSwitchboard } from "roomcall/switchboard";
import { Tabs, stateKey, type Channel, type DeviceEvent, type Locks, type TabsOptions } from "roomcall/client";
import { MemoryStorage, Server, World, settle } from "./world.js";

before(() => loadSwitchboard());

/** Locks and channels of a browser, and its storage. A tab can die without a word. */
class Browser {
  readonly world = new World();
  readonly server = new Server(this.world);
  readonly storage = new MemoryStorage();
  readonly #queues = new Map<string, { owner: string; grant: () => void }[]>();
  readonly #channels = new Map<string, Set<{ owner: string; channel: Channel }>>();
  readonly #dead = new Set<string>();

  locks(owner: string): Locks {
    return {
      request: (name, { signal }, whileHeld) =>
        new Promise((resolve, reject) => {
          const queue = this.#queues.get(name) ?? [];
          this.#queues.set(name, queue);
          const free = (): void => {
            queue.splice(queue.indexOf(entry), 1);
            queue[0]?.grant();
          };
          const entry = {
            owner,
            grant: () => void setImmediate(() => whileHeld().then(resolve, reject).finally(free)),
          };
          signal.addEventListener("abort", () => {
            if (queue.indexOf(entry) > 0) queue.splice(queue.indexOf(entry), 1);
            reject(new Error("aborted"));
          });
          if (queue.push(entry) === 1) entry.grant();
        }),
    };
  }

  channel(owner: string, name: string): Channel {
    const all = this.#channels.get(name) ?? new Set();
    this.#channels.set(name, all);
    const channel: Channel = {
      onmessage: null,
      postMessage: (message) => {
        if (this.#dead.has(owner)) return;
        const data = structuredClone(message);
        for (const other of all)
          if (other.channel !== channel)
            setImmediate(() => {
              if (!this.#dead.has(other.owner)) other.channel.onmessage?.({ data });
            });
      },
      close: () => void all.forEach((it) => it.channel === channel && all.delete(it)),
    };
    all.add({ owner, channel });
    return channel;
  }

  /** The tab's process is gone: its locks are free, and it says nothing more. */
  kill(owner: string): void {
    this.#dead.add(owner);
    for (const socket of this.world.sockets) if (!socket.isClosed) socket.isClosed = true;
    for (const queue of this.#queues.values()) {
      const wasFirst = queue[0]?.owner === owner;
      for (const entry of queue.filter((it) => it.owner === owner)) queue.splice(queue.indexOf(entry), 1);
      if (wasFirst) queue[0]?.grant();
    }
  }

  async tab(name: string, options: Partial<TabsOptions> = {}): Promise<Tab> {
    const tab = new Tab(this, name, options);
    await tab.tabs.start();
    return tab;
  }
}

class Tab {
  readonly events: DeviceEvent[] = [];
  readonly tabs: Tabs;

  constructor(browser: Browser, name: string, options: Partial<TabsOptions> = {}) {
    this.tabs = new Tabs({
      user: "bo",
      device: "browser",
      url: (device) => `ws://server/bo/${device}`,
      storage: browser.storage,
      environment: browser.world,
      locks: browser.locks(name),
      channel: (channel) => browser.channel(name, channel),
      ...options,
    });
    this.tabs.onEvent((event) => this.events.push(event));
  }

  kinds(): string[] {
    return this.events.map(({ kind }) => kind);
  }

  of<K extends DeviceEvent["kind"]>(kind: K): Extract<DeviceEvent, { kind: K }>[] {
    return this.events.filter((event) => event.kind === kind) as Extract<DeviceEvent, { kind: K }>[];
  }

  /** The pending list. */
  listed(): string[] {
    return this.tabs.pending.calls.map(({ callee, status }) => `${callee} ${status}`);
  }

  attempts(): number[] {
    return this.tabs.screen.calls.map(({ call }) => call.attempt);
  }
}

async function two(): Promise<{ browser: Browser; first: Tab; second: Tab }> {
  const browser = new Browser();
  const first = await browser.tab("first");
  const second = await browser.tab("second");
  await settle();
  browser.server.accept(browser.world.last);
  await settle();
  return { browser, first, second };
}

test("two tabs are one device with one socket, and one screen", async () => {
  const { browser, first, second } = await two();
  assert.deepEqual([first.tabs.isLeader, second.tabs.isLeader], [true, false]);
  browser.server.call();
  await settle();
  await settle();
  assert.equal(browser.world.sockets.length, 1);
  assert.deepEqual([first.attempts(), second.attempts()], [[1], [1]]);
  assert.deepEqual(second.kinds(), ["connected", "show"]);
});

test("the tab that accepts joins, and the other does not", async () => {
  const { browser, first, second } = await two();
  browser.server.call();
  await settle();
  await settle();
  const effects = await second.tabs.accept(1);
  assert.ok(effects.some(({ kind }) => kind === "update"));
  await settle();
  await settle();
  assert.deepEqual([first.attempts(), second.attempts()], [[], []]);
  assert.ok(second.kinds().includes("join"));
  assert.ok(!first.kinds().includes("join"));
});

/** A tab accepts, joins, and leaves the room; then ana calls again. The attempt of that call. */
async function acceptedBefore(browser: Browser, tab: Tab): Promise<number> {
  browser.server.call();
  await browser.world.pass(100);
  await tab.tabs.accept(1);
  await browser.world.pass(100);
  assert.equal(tab.of("join").length, 1);
  browser.server.enter("browser");
  await tab.tabs.setRoom("standup");
  await browser.world.pass(100);
  browser.server.leave("browser");
  await tab.tabs.setRoom(null);
  browser.server.call();
  await browser.world.pass(100);
  const [attempt] = tab.attempts();
  assert.ok(attempt !== undefined && attempt > 1);
  return attempt;
}

test("who accepted into the same room before does not join", async () => {
  const { browser, first, second } = await two();
  const attempt = await acceptedBefore(browser, second);
  await first.tabs.accept(attempt);
  await browser.world.pass(100);
  assert.deepEqual([first.of("join").length, second.of("join").length], [1, 1]);
});

test("nor if it states something meanwhile, or taps what is ignored", async () => {
  const { browser, first, second } = await two();
  const attempt = await acceptedBefore(browser, second);
  browser.server.isSilent = true;
  await first.tabs.accept(attempt);
  await second.tabs.setOccupied(false);
  await second.tabs.accept(attempt);
  browser.server.isSilent = false;
  await browser.world.pass(2_500);
  assert.deepEqual([first.of("join").length, second.of("join").length], [1, 1]);
});

test("nor if another tab leads then", async () => {
  const { browser, first, second } = await two();
  const third = await browser.tab("third");
  await settle();
  const attempt = await acceptedBefore(browser, third);
  browser.server.isSilent = true;
  await second.tabs.accept(attempt);
  first.tabs.close();
  await settle();
  await settle();
  assert.ok(second.tabs.isLeader);
  browser.server.isSilent = false;
  browser.server.accept(browser.world.last);
  await browser.world.pass(2_500);
  assert.deepEqual([second.of("join").length, third.of("join").length], [1, 1]);
});

test("a tab that comes later sees what rings, and how the connection stands", async () => {
  const { browser } = await two();
  browser.server.call();
  await settle();
  const third = await browser.tab("third");
  await settle();
  assert.deepEqual(third.attempts(), [1]);
  assert.deepEqual(third.kinds(), ["show", "connected"]);
});

test("when the leader closes another tab leads, with the same screen", async () => {
  const { browser, first, second } = await two();
  browser.server.call();
  await settle();
  await settle();
  first.tabs.close();
  assert.ok(browser.world.last.isClosed);
  await settle();
  await settle();
  assert.ok(second.tabs.isLeader);
  assert.deepEqual(second.attempts(), [1]);
  assert.equal(second.kinds().filter((kind) => kind === "show").length, 1, "it is not shown twice");
  assert.equal(browser.world.sockets.length, 2);
  browser.server.accept(browser.world.last);
  await settle();
  await second.tabs.accept(1);
  await settle();
  assert.ok(second.kinds().includes("join"));
});

test("what a person taps while nobody leads is not lost", async () => {
  const { browser, second } = await two();
  browser.server.call();
  await settle();
  await settle();
  browser.kill("first");
  const accepted = second.tabs.accept(1);
  await accepted;
  assert.ok(second.tabs.isLeader);
  browser.server.accept(browser.world.last);
  await settle();
  await settle();
  assert.ok(second.kinds().includes("join"));
});

test("a call that ended unseen between two leaders leaves the screen", async () => {
  const { browser, second } = await two();
  browser.server.call();
  await settle();
  await settle();
  browser.kill("first");
  browser.storage.removeItem(stateKey("bo", "browser"));
  await settle();
  await settle();
  assert.deepEqual(second.attempts(), []);
  const dismiss = second.events.find((event) => event.kind === "dismiss");
  assert.deepEqual(dismiss?.why, { kind: "gone" });
});

test("the device is in the room of a tab until that tab is gone", async () => {
  const { browser, first, second } = await two();
  const snapshots = (): number =>
    browser.world.last.sent.filter((text) => text.includes("getMyCalls")).length;
  const before = snapshots();
  await second.tabs.setRoom("standup");
  await settle();
  assert.equal(snapshots(), before + 1, "another room");
  browser.server.call();
  await settle();
  await settle();
  assert.deepEqual(first.attempts(), [], "who is in the room does not ring (D-08)");
  browser.kill("second");
  // The fake browser marks all sockets as closed; the leader's is not.
  browser.world.last.isClosed = false;
  await settle();
  await settle();
  assert.equal(snapshots(), before + 2, "no room");
  await settle();
  assert.deepEqual(first.attempts(), [1]);
});

test("without locks a tab is a device of its own", async () => {
  const browser = new Browser();
  const events: DeviceEvent[] = [];
  const tabs = new Tabs({
    user: "bo",
    device: "browser",
    url: () => "ws://server/bo/browser",
    storage: browser.storage,
    environment: browser.world,
    locks: null,
  });
  tabs.onEvent((event) => events.push(event));
  await tabs.start();
  await settle();
  browser.server.accept(browser.world.last);
  browser.server.call();
  await settle();
  assert.ok(tabs.isLeader);
  await tabs.accept(1);
  await settle();
  assert.ok(events.some(({ kind }) => kind === "join"));
});

test("what cannot be restored is told to whoever starts", async () => {
  const browser = new Browser();
  browser.storage.setItem(stateKey("bo", "browser"), "nonsense");
  await assert.rejects(browser.tab("first"), { name: "SavedStateError" });
});

test("a tab that is closed refuses what is tapped", async () => {
  const { second } = await two();
  second.tabs.close();
  await assert.rejects(second.tabs.accept(1), /closed/);
});

test("a tab that comes later, or into the same room, has the pending list", async () => {
  const { browser, first, second } = await two();
  await first.tabs.setRoom("standup");
  browser.server.enter("browser");
  browser.server.call(30, "cy");
  await browser.world.pass(1_000);
  const third = await browser.tab("third");
  await settle();
  for (const tab of [first, second, third]) {
    assert.equal(tab.tabs.pending.room, "standup");
    assert.deepEqual(tab.listed(), ["cy calling"]);
  }
  assert.deepEqual(third.of("listed").map(({ callee }) => callee), ["cy"]);
  second.events.splice(0);
  await second.tabs.setRoom("standup");
  await settle();
  assert.deepEqual(second.kinds(), ["listed"], "whoever comes in is told what is listed");
  browser.server.cancel("cy");
  await browser.world.pass(1_000);
  for (const tab of [first, second, third]) assert.deepEqual(tab.listed(), []);
});

test("the pending list is empty once the device is in another room, in all tabs", async () => {
  const { browser, first, second } = await two();
  await first.tabs.setRoom("standup");
  browser.server.enter("browser");
  browser.server.call(30, "cy");
  await browser.world.pass(1_000);
  await second.tabs.setRoom("lunch");
  await settle();
  for (const tab of [first, second]) {
    assert.deepEqual([tab.tabs.pending.room, tab.listed()], ["lunch", []]);
    assert.equal(tab.of("roomChanged").at(-1)?.roomID, "lunch");
  }
  await second.tabs.setRoom(null);
  await browser.world.pass(1_000);
  assert.deepEqual([first.tabs.pending.room, first.listed()], ["standup", ["cy calling"]], "the first is still there");
});

test("a new leader has the list, too", async () => {
  const { browser, first, second } = await two();
  await first.tabs.setRoom("standup");
  await second.tabs.setRoom("standup");
  browser.server.enter("browser");
  browser.server.call(30, "cy");
  await browser.world.pass(1_000);
  first.tabs.close();
  await settle();
  await settle();
  browser.server.accept(browser.world.last);
  await browser.world.pass(1_000);
  assert.deepEqual([second.tabs.pending.room, second.listed()], ["standup", ["cy calling"]]);
});

test("whichever tab it is called in, reconnect does not wait", async () => {
  const { browser, first, second } = await two();
  browser.world.last.end(1001);
  await settle();
  assert.equal(browser.world.sockets.length, 1);
  second.tabs.reconnect();
  await settle();
  assert.equal(browser.world.sockets.length, 2, "from the tab that follows");
  browser.world.last.end(1001);
  await settle();
  first.tabs.reconnect();
  await settle();
  assert.equal(browser.world.sockets.length, 3, "from the tab that leads");
});

test("what is so at the start of a tab is known in the first step", async () => {
  const { browser, first } = await two();
  browser.server.call();
  await settle();
  first.tabs.close();
  browser.kill("second");
  const third = await browser.tab("third", { initial: { occupied: true } });
  await settle();
  assert.deepEqual(third.of("show").map(({ stage }) => stage), ["waiting"]);
  assert.deepEqual(third.of("update"), []);
  await third.tabs.setOccupied(false);
  await settle();
  assert.deepEqual(third.of("update").map(({ stage }) => stage), ["ringing"]);
});

test("what the first step tells besides the screen is told, in all tabs", async () => {
  const { browser, first, second } = await two();
  const third = await browser.tab("third");
  browser.server.call();
  await browser.world.pass(100);
  browser.world.last.end(1006);
  await first.tabs.accept(1);
  browser.kill("first");
  // Whoever leads next is in that room already: there is nothing to accept, and it was not sent.
  await second.tabs.setRoom("standup");
  await browser.world.pass(100);
  await settle();
  assert.ok(second.tabs.isLeader);
  for (const tab of [second, third]) {
    assert.deepEqual(tab.of("notSent").map(({ why }) => why), ["over"]);
    assert.deepEqual(tab.attempts(), []);
  }
});

test("so is it to a tab that is alone, once", async () => {
  const { browser, first, second } = await two();
  browser.server.call();
  await browser.world.pass(100);
  browser.world.last.end(1006);
  await first.tabs.accept(1);
  browser.kill("second");
  browser.kill("first");
  const third = await browser.tab("third", { initial: { room: "standup" } });
  await settle();
  assert.deepEqual(third.of("notSent").map(({ why }) => why), ["over"]);
  void second;
});

test("a tab that is in a room when it leads restores the device there", async () => {
  const { browser, first, second } = await two();
  await second.tabs.setRoom("standup");
  browser.server.call();
  await settle();
  first.tabs.close();
  await settle();
  await settle();
  assert.ok(second.tabs.isLeader);
  assert.deepEqual(second.of("show"), [], "not for a moment");
});

test("signing out is told in all tabs, and to those that come later", async () => {
  const { browser, first, second } = await two();
  await second.tabs.signOut();
  await settle();
  const third = await browser.tab("third");
  await settle();
  for (const tab of [first, second, third])
    assert.deepEqual(tab.of("stopped").map(({ why }) => why), ["signedOut"]);
});

test("an app that closes its tab when it hears that the user signed out keeps it from nobody", async () => {
  const { browser, first, second } = await two();
  const third = await browser.tab("third");
  first.tabs.on("stopped", () => first.tabs.close());
  await second.tabs.signOut();
  await settle();
  for (const tab of [first, second, third]) assert.equal(tab.of("stopped")[0]?.why, "signedOut");
  assert.equal(browser.world.sockets.length, 1);
});

test("a damaged state is told each tab once, and they start anew as one device", async () => {
  const { browser, first, second } = await two();
  const third = await browser.tab("third");
  await settle();
  browser.kill("first");
  browser.storage.setItem(stateKey("bo", "browser"), "nonsense");
  const tapped = assert.rejects(second.tabs.setOccupied(true), { name: "SavedStateError", message: /new id/ });
  await settle();
  await settle();
  await settle();
  for (const tab of [second, third]) {
    const stopped = tab.of("stopped");
    assert.deepEqual(stopped.map(({ why }) => why), ["damaged"]);
    assert.match(stopped[0]?.reason ?? "", /new id/);
  }
  await tapped;
  await assert.rejects(third.tabs.silence(1), { name: "SavedStateError" });
  await assert.rejects(second.tabs.forget("browser"), /another one/);
  assert.equal(await second.tabs.forget("browser-2"), "browser-2");
  assert.equal(await third.tabs.forget("browser-3"), "browser-2", "the first that forgets says which");
  await settle();
  assert.deepEqual([second.tabs.isLeader, third.tabs.isLeader], [true, false]);
  assert.equal(browser.world.last.url, "ws://server/bo/browser-2");
  browser.server.accept(browser.world.last);
  browser.server.call();
  await settle();
  await settle();
  assert.deepEqual([second.attempts(), third.attempts()], [[1], [1]]);
  await assert.rejects(second.tabs.forget("browser-4"), /not damaged/);
  await assert.rejects(browser.tab("fourth"), { name: "SavedStateError" }, "the old id stays unused");
  void first;
});

test("whoever starts with a damaged state starts anew", async () => {
  const browser = new Browser();
  browser.storage.setItem(stateKey("bo", "browser"), "nonsense");
  for (const options of [{}, { locks: null }]) {
    const tab = new Tab(browser, "first", options);
    await assert.rejects(tab.tabs.start(), { name: "SavedStateError" });
    assert.deepEqual(tab.kinds(), [], "whoever waits is told, and nobody twice");
    assert.equal(await tab.tabs.forget("browser-2"), "browser-2");
    await settle();
    assert.ok(tab.tabs.isLeader);
    assert.equal(browser.world.last.url, "ws://server/bo/browser-2");
    tab.tabs.close();
    await settle();
  }
});
