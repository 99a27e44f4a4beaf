// Every kept file opens, and comes to what it says; what differs is said in words.
import assert from "node:assert/strict";
import { test } from "node:test";
import { engine as loadEngine, load, read } from "./built.mjs";

const engine = await loadEngine();
const files = JSON.parse(read("files.json"));
const rules = JSON.parse(read("rules.json"));
const { open, isNetwork } = await load("files/open.js");
const { playFile } = await load("files/player.js");
const { readNetwork } = await load("files/network.js");
const { compare } = await load("files/compare.js");
const { BadFile } = await load("files/steps.js");
const { replay } = await load("model/history.js");
const { disagreements, isAtRest, joinedTwice } = await load("model/agreement.js");

const of = (group) => files.filter((file) => file.group === group);
const played = ({ name, path }) => playFile(engine, open(name, read(`files/${path}`)));

/** Nothing differs, and something was played. */
function isAsExpected(file) {
  const steps = played(file);
  assert.ok(steps.length > 0, file.path);
  for (const { step, differences, error } of steps) {
    assert.equal(error, undefined, `${file.path}:${step.line}`);
    assert.deepEqual(differences, [], `${file.path}:${step.line}`);
  }
}

for (const group of ["scenarios", "handset cases", "switchboard cases"]) {
  test(`all ${group} come to what is written in them`, () => {
    assert.ok(of(group).length > 100, `${of(group).length} ${group}`);
    of(group).forEach(isAsExpected);
  });
}

test("every kept journal opens", () => {
  assert.ok(of("journals").length > 0);
  for (const file of of("journals")) {
    for (const { step, error } of played(file)) assert.equal(error, undefined, `${file.path}:${step.line}`);
  }
});

test("every kept run of the network is a meeting that comes to rest in agreement, or says why it is none", () => {
  let opened = 0;
  for (const { name, path } of of("networks")) {
    const text = read(`files/${path}`);
    assert.ok(isNetwork(text));
    let run;
    try {
      run = readNetwork(engine, name, text);
    } catch (error) {
      assert.ok(error instanceof BadFile, error);
      continue;
    }
    opened += 1;
    const world = replay(engine, run.plan, run.actions);
    world.perform({ do: "flow" });
    for (let round = 0; round < 2; round += 1) {
      world.phones.forEach((_, phone) => world.perform({ do: "connect", phone }));
      const until = world.now + 15_000;
      while (world.next() !== null && world.next() <= until) world.perform({ do: "next" });
    }
    for (let left = 1_000; left > 0 && !isAtRest(world.frame()); left -= 1) world.perform({ do: "next" });
    assert.ok(isAtRest(world.frame()), path);
    assert.deepEqual([...disagreements(world.frame()), ...joinedTwice(world.frame())], [], path);
  }
  assert.ok(opened >= 8, `${opened} of ${of("networks").length}`);
});

test("a scenario that expects something else differs, in words", () => {
  const [file] = of("scenarios").filter(({ name }) => name.startsWith("10-"));
  const text = read(`files/${file.path}`).replace('"because":"E-01"', '"because":"E-02"');
  const wrong = playFile(engine, open("changed", text)).flatMap(({ differences }) => differences);
  assert.equal(wrong.length, 1);
  assert.match(wrong[0].text, /^output \d+: because is "E-01", "E-02" is expected$/);
});

test("differences name the field, what is missing and what is too much", () => {
  const words = (one, other) => compare(one, other, "output").map(({ text }) => text);
  assert.deepEqual(words([{ a: 1, message: "x" }], [{ a: 1, message: "y" }]), []);
  assert.deepEqual(words([{ a: null }], [{}]), []);
  assert.deepEqual(words([{ a: { b: [1, 2] } }], [{ a: { b: [1, 3] } }]), ["output 1: a.b[1] is 3, 2 is expected"]);
  assert.deepEqual(words([{ a: 1 }], []), ['output 1 is missing: {"a":1}']);
  assert.deepEqual(words([], [{ a: 1 }]), ['output 1 is not expected: {"a":1}']);
});

test("a file that is none is refused with the line", () => {
  assert.throws(() => open("x", "hello"), /line 1 is not JSON/);
  assert.throws(() => open("x", '{"what":1}'), /line 1 is no header/);
  const steps = playFile(engine, open("x", '{"journal":1}\n{"at":0,"fact":{"nothing":{}}}\n'));
  assert.match(steps[0].error, /\S/);
});

test("each rule has its heading's address", () => {
  assert.equal(rules["T-04"].anchor, "t-04-at-the-deadline-the-timeout-wins");
  assert.equal(rules["E-17"].anchor, "e-17-notified-to-ring-notified-to-stop");
  assert.equal(rules["D-28"].title, "Agreement");
  assert.match(rules["E-21"].text, /^When the clock reaches/);
  assert.ok(Object.keys(rules).length > 150);
});
