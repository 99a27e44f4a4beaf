// The model is a function of a plan and a list of actions, and what it plays keeps the rules.
import assert from "node:assert/strict";
import { test } from "node:test";
import { engine as loadEngine, load } from "./built.mjs";

const engine = await loadEngine();
const { EXAMPLES, play } = await load("model/examples.js");
const { History, replay } = await load("model/history.js");
const { fromFragment, toFragment } = await load("model/link.js");
const { MEETING } = await load("model/plan.js");
const { World } = await load("model/world.js");
const { disagreements, isAtRest, joinedTwice } = await load("model/agreement.js");

/** Numbers that are the same each time. */
function dice(seed) {
  let state = seed >>> 0;
  return (sides) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * sides);
  };
}

/** A meeting with everything that can happen to it. */
function storm(seed, count) {
  const roll = dice(seed);
  const world = new World(engine, MEETING);
  const actions = [];
  const act = (action) => {
    world.perform(action);
    actions.push(action);
  };
  while (actions.length < count) {
    const phone = roll(4);
    const { flight } = world.network;
    const packet = flight.length > 0 ? flight[roll(flight.length)].id : 0;
    const calls = world.phones[phone].picture.screen.calls;
    const attempt = calls.length > 0 ? calls[roll(calls.length)].attempt : 0;
    const call = { roomID: "standup", userIDList: [["bo"], ["cy"], ["bo", "cy"]][roll(3)], timeout: 5 + roll(20), extensionInfo: "" };
    const kind = roll(30);
    if (kind < 12) act({ do: "next" });
    else if (kind < 13) act({ do: "wait", ms: roll(2_000) });
    else if (kind < 14) act({ do: "drop", packet });
    else if (kind < 16) act({ do: "repeat", packet });
    else if (kind < 18) act({ do: "delay", packet, ms: roll(9_000) });
    else if (kind < 20) act({ do: "overtake", packet });
    else if (kind < 21) act({ do: "deliver", packet });
    else if (kind < 22) act({ do: roll(2) ? "cut" : "connect", phone });
    else if (kind < 23) act({ do: roll(2) ? "kill" : "start", phone });
    else if (kind < 24) act({ do: "push", phone });
    else if (kind < 25) act({ do: "tap", phone: 0, tap: { call } });
    else if (kind < 28) act({ do: "tap", phone, tap: { accept: { attempt } } });
    else if (kind < 29) act({ do: "tap", phone, tap: { reject: { attempt, reason: "busy" } } });
    else if (roll(6) === 0) act({ do: "setBack", snapshot: roll(world.board.snapshots.length) });
    else if (roll(6) === 0) act({ do: "restart" });
    else act({ do: "tap", phone: 0, tap: { cancel: { roomID: "standup", userIDList: ["bo"] } } });
  }
  return { world, actions };
}

/** Messages flow again, until nothing is in flight and every device has asked once more. */
function settle(world) {
  world.phones.forEach(({ picture }, phone) => {
    if (!picture.isAlive) world.perform({ do: "start", phone });
    world.perform({ do: "connect", phone });
  });
  const flow = (until) => {
    while (world.next() !== null && world.next() <= until) world.perform({ do: "next" });
  };
  flow(world.now + 20_000);
  world.phones.forEach((_, phone) => world.perform({ do: "connect", phone }));
  flow(world.now + 8_000);
  for (let left = 2_000; left > 0 && !isAtRest(world.frame()); left -= 1) world.perform({ do: "next" });
  assert.ok(isAtRest(world.frame()), "it comes to rest");
}

test("the same actions make the same world", () => {
  for (let seed = 1; seed <= 5; seed += 1) {
    const { world, actions } = storm(seed, 250);
    const again = replay(engine, MEETING, actions);
    assert.deepEqual(again.frame(), world.frame());
    assert.deepEqual(again.board.lines, world.board.lines);
  }
});

test("scrubbing to any point shows what a replay to it shows", () => {
  const { actions } = storm(77, 120);
  const history = new History(engine, MEETING, actions);
  for (const at of [120, 0, 60, 119, 1, 33, 34, 120]) {
    assert.deepEqual(history.seek(at), replay(engine, MEETING, actions.slice(0, at)).frame());
  }
  for (let at = 0; at <= 120; at += 7) {
    assert.deepEqual(history.seek(at), replay(engine, MEETING, actions.slice(0, at)).frame());
  }
});

test("who goes on from an earlier point goes on from that world", () => {
  const { actions } = storm(5, 150);
  const history = new History(engine, MEETING, actions);
  history.seek(70);
  history.act({ do: "next" });
  assert.equal(history.actions.length, 71);
  assert.deepEqual(history.frame, replay(engine, MEETING, [...actions.slice(0, 70), { do: "next" }]).frame());
});

test("a frame that was drawn never changes", () => {
  const { actions } = storm(9, 200);
  const history = new History(engine, MEETING, actions.slice(0, 100));
  const before = JSON.stringify(history.frames);
  history.seek(100);
  actions.slice(100).forEach((action) => history.act(action));
  assert.equal(JSON.stringify(history.frames.slice(0, 101)), before);
});

test("whatever is dropped, doubled and reordered: at most one joins, and at rest all agree (D-28)", () => {
  for (let seed = 100; seed < 130; seed += 1) {
    const { world } = storm(seed, 250);
    assert.deepEqual(joinedTwice(world.frame()), [], `seed ${seed}`);
    settle(world);
    const frame = world.frame();
    assert.deepEqual(disagreements(frame), [], `seed ${seed}`);
    assert.deepEqual(joinedTwice(frame), [], `seed ${seed}`);
  }
});

test("an address has the whole meeting", () => {
  const { actions } = storm(3, 90);
  const linked = fromFragment(`#${toFragment(MEETING, actions)}`);
  assert.deepEqual(linked, { plan: MEETING, actions });
  assert.equal(fromFragment("#run=nonsense"), undefined);
  assert.equal(fromFragment(""), undefined);
});

test("what was played is a journal that the switchboard replays to the same state", () => {
  const { world } = storm(21, 250);
  const [header, ...lines] = world.board.journal().trim().split("\n");
  const board = engine.board(header);
  for (const line of lines) board.apply(line);
  assert.equal(lines.length, world.board.lines.length);
  assert.deepEqual(board.snapshot(), world.board.bytes());
});

for (const example of EXAMPLES) {
  test(`the example “${example.title}” plays, and comes to rest in agreement`, () => {
    const { plan, actions } = play(engine, example);
    const world = replay(engine, plan, actions);
    assert.ok(actions.length > 3);
    while (world.now < 60_000) world.perform({ do: "next" });
    for (let left = 500; left > 0 && !isAtRest(world.frame()); left -= 1) world.perform({ do: "next" });
    assert.ok(isAtRest(world.frame()));
    assert.deepEqual(disagreements(world.frame()), []);
    assert.deepEqual(joinedTwice(world.frame()), []);
  });
}

test("the race has one winner, and the loser learns who it is", () => {
  const { plan, actions } = play(engine, EXAMPLES.find(({ id }) => id === "race"));
  const world = replay(engine, plan, actions);
  while (world.now < 8_000) world.perform({ do: "next" });
  const [, phone, tablet] = world.frame().phones;
  assert.equal(phone.room, "standup");
  assert.deepEqual(phone.joins, [1]);
  assert.equal(tablet.room, null);
  assert.deepEqual(tablet.screen.last, { attempt: 1, why: { answeredElsewhere: { deviceID: "phone" } } });
});
