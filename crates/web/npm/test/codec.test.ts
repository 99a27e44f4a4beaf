import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { decode, decodeNamed, encode, encodeNamed, table } from "../dist/codec.js";
import { shapes, type Input } from "roomcall";

type Json = null | boolean | number | string | Json[] | { [field: string]: Json };

/** A value of the wire of each kind of a type. */
function samples(name: string): Json[] {
  const shape = table[name];
  assert.ok(shape, name);
  if ("fields" in shape) return [fields(shape.fields)];
  return Object.entries(shape.kinds).map(([kind, held]) => {
    if (held === null) return kind;
    if (Array.isArray(held)) return { [kind]: sample(held[1]) };
    return { [kind]: { attempt: 7, ...fields(held as Record<string, string>) } };
  });
}

function fields(of: Readonly<Record<string, string>>): { [field: string]: Json } {
  return Object.fromEntries(Object.entries(of).map(([field, name]) => [field, sample(name)]));
}

function sample(of: string | null): Json {
  if (of === null) return "a value";
  if (of.endsWith("[]")) return [sample(of.slice(0, -2))];
  if (of.endsWith("{}")) return { bo: sample(of.slice(0, -2)) };
  return samples(of)[0] ?? null;
}

test("each kind of each type comes back as it was", () => {
  let kinds = 0;
  for (const name of Object.keys(table))
    for (const wire of samples(name)) {
      const typed = decodeNamed(name, wire) as { kind?: string };
      const shape = table[name];
      if (shape && "kinds" in shape) {
        assert.equal(typed.kind, typeof wire === "string" ? wire : Object.keys(wire as object)[0]);
        kinds += 1;
      }
      assert.deepEqual(encodeNamed(name, typed), wire, name);
    }
  assert.ok(kinds > 100, `only ${kinds} kinds`);
});

test("a kind that is not known is refused with the kinds that are", () => {
  const input = { kind: "ticks" } as unknown as Input;
  assert.throws(() => encode("Input", input), /Input has no kind "ticks"; it has .*tick/);
  const tap = { kind: "tap", tap: { kind: "toString" } } as unknown as Input;
  assert.throws(() => encode("Input", tap), { name: "UnknownKindError" });
});

test("a kind that came later is read", () => {
  const later = decode("Event", { onCallHeld: { attempt: 7 } });
  assert.deepEqual(later, { kind: "onCallHeld", attempt: 7 });
  assert.deepEqual(decode("Event", "onCallHeld"), { kind: "onCallHeld" });
});

test("what may be left out is never null, in whatever type", () => {
  let fields = 0;
  for (const [name, shape] of Object.entries(shapes) as [string, (typeof table)[string]][]) {
    const names = "kinds" in shape ? Object.entries(shape.optional ?? {}) : [["", shape.optional ?? []] as const];
    for (const [kind, optional] of names) {
      const nulls = Object.fromEntries(optional.map((field) => [field, null]));
      const wire = { ...nulls, more: null };
      const typed = decodeNamed(name, kind ? { [kind]: wire } : wire);
      assert.deepEqual(typed, kind ? { kind, more: null } : { more: null }, `${name} ${kind}`);
      fields += optional.length;
    }
  }
  assert.ok(fields > 60, `only ${fields} fields`);
});

test("a null that has a meaning stays, and one in a list that may be left out goes", () => {
  const call = { roomID: "x", caller: "ana", attempt: 1 };
  const ring = { onCallReceived: { ...call, timeLeft: null } };
  assert.deepEqual(decode("Event", ring), { kind: "onCallReceived", ...call, timeLeft: null });
  const ended = [{ ...call, how: "revoked", deviceID: null, user: "cy" }];
  const answer = { getIncomingCalls: { calls: [], ended, lastAttempt: null } };
  assert.deepEqual(decodeNamed("Answer", answer), {
    kind: "getIncomingCalls",
    calls: [],
    ended: [{ ...call, how: "revoked", user: "cy" }],
  });
});

test("what may be left out of a query is never null", () => {
  const wire = { query: { getPendingCalls: { roomID: "x", cursor: null, count: 20 } } };
  const query = { kind: "getPendingCalls", roomID: "x", count: 20 };
  assert.deepEqual(decode("Request", wire), { kind: "query", query });
});

test("ids that are names of JavaScript are ids", () => {
  const wire = JSON.parse('{"callUserToRoom":{"__proto__":"success","constructor":"success"}}');
  const answer = { at: 0, answer: wire };
  assert.deepEqual(encode("Output", decode("Output", answer)), answer);
  assert.equal(JSON.stringify(encode("Output", decode("Output", answer))), JSON.stringify(answer));
});

/** A field that is null counts as one that is left out, as in the cases. */
function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, it]) => it !== null);
  return Object.fromEntries(entries.map(([field, it]) => [field, withoutNulls(it)]));
}

function lines(role: string): Record<string, Record<string, unknown>>[] {
  const path = new URL(`../../../testkit/conformance/v1/${role}.ndjson`, import.meta.url);
  const text = readFileSync(path, "utf8").trimEnd().split("\n");
  return text.map((line) => JSON.parse(line)).filter((line) => "send" in line);
}

function same(name: string, wire: unknown): void {
  const back = encodeNamed(name, decodeNamed(name, wire));
  // What is left out and what is undefined is the same in JSON.
  assert.deepEqual(withoutNulls(JSON.parse(JSON.stringify(back))), withoutNulls(wire));
}

test("the cases of a handset come back as they were", () => {
  let seen = 0;
  for (const { send, expect } of lines("handset"))
    for (const [name, list] of [
      ["Input", send?.inputs],
      ["Effect", expect?.effects],
    ] as [string, unknown[] | undefined][])
      for (const wire of list ?? []) {
        same(name, wire);
        seen += 1;
      }
  assert.ok(seen > 3_000, `only ${seen}`);
});

test("the cases of a switchboard come back as they were", () => {
  for (const { send, expect } of lines("switchboard")) {
    same("Line", send);
    for (const wire of (expect?.outputs ?? []) as unknown[]) same("Output", wire);
  }
});
