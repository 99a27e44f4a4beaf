// What of the view is a function: the places of messages.
import assert from "node:assert/strict";
import { test } from "node:test";
import { load } from "./built.mjs";

const { arrange, LANE } = await load("view/lane.js");

const packet = (id, sentAt, arrives) => ({ id, sentAt, arrives });

test("messages go from one end of their lane to the other", () => {
  assert.deepEqual(arrange([packet(1, 0, 100)], 0), [0]);
  assert.deepEqual(arrange([packet(1, 0, 100)], 100), [LANE - 30]);
  assert.deepEqual(arrange([packet(1, 0, 100)], 50), [(LANE - 30) / 2]);
});

test("messages never lie on each other, nor outside of their lane", () => {
  for (const count of [2, 3, 5, 9]) {
    const all = Array.from({ length: count }, (_, id) => packet(id, 0, 100));
    for (const now of [0, 20, 50, 100]) {
      const places = arrange(all, now);
      for (let at = 1; at < count; at += 1) assert.ok(places[at - 1] - places[at] > 10, `${places}`);
      assert.ok(places.every((place) => place >= -0.001 && place <= LANE - 29.9), `${places}`);
    }
  }
});
