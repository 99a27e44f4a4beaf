// The parts that need no browser: pushes, the list of calls, ids of devices, names.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import test from "node:test";
import { built, folder } from "./built.mjs";

const { pushEvent } = await built("roomcall/dist/push.js");
const { CallLog, ofAge, ofListed } = await built("js/call-log.js");
const { abandon, fromAddress, identify, keep, successor, toAddress } = await built("js/identity.js");
const { namesIn } = await built("js/names.js");
const { encode } = await built("roomcall/dist/codec.js");

const data = (event, more = {}) => ({ event, id: "6-0", roomID: "standup", caller: "ana", callee: "bo", attempt: "1", ...more });

test("each push of the documentation is an event", () => {
  const ring = pushEvent(data("ring", { extensionInfo: "about lunch", timeLeft: "30000" }));
  assert.deepEqual(ring, {
    kind: "onCallReceived", roomID: "standup", attempt: 1, timeLeft: 30_000, extensionInfo: "about lunch",
    call: { caller: "ana", callee: "bo", status: "calling" },
  });
  assert.equal(pushEvent(data("ring")).timeLeft, null);
  const kinds = {
    accepted: "onCallHandledByOtherDevice", rejected: "onCallHandledByOtherDevice", missed: "onCallTimeout",
    cancelled: "onCallCancelled", revoked: "onCallRevokedByAdmin",
  };
  for (const [event, kind] of Object.entries(kinds)) {
    const it = pushEvent(data(event, { deviceID: "tablet" }));
    assert.equal(it.kind, kind);
    assert.ok(encode("Event", it));
  }
  assert.equal(pushEvent(data("joined")), null);
  assert.equal(pushEvent({ ...data("ring"), attempt: "x" }), null);
});

const entry = (number, more) => ({ number, roomID: "standup", caller: "ana", age: 0, ...more });
const ended = (how) => ({ ended: { how, attempt: 1 } });

test("missed calls count until they are seen, and each entry once", () => {
  const log = new CallLog();
  log.add(entry(1, ended("timedOut")), 100);
  log.add(entry(1, ended("timedOut")), 200);
  log.add(entry(2, ended("accepted")), 300);
  log.add(entry(4, ended("cancelled")), 400);
  assert.deepEqual(log.news.map(({ number }) => number), [4, 1]);
  assert.equal(log.newest, 4);
  log.see(1);
  log.see(0);
  assert.deepEqual(log.news.map(({ number }) => number), [4]);
  assert.deepEqual(CallLog.fromText(log.toText()).calls, log.calls);
  assert.equal(CallLog.fromText("{").newest, 0);
  assert.equal(CallLog.fromText(null).newest, 0);
});

test("the newest of refused tries takes the place of those before", () => {
  const log = new CallLog();
  log.add(entry(1, { tries: 1 }), 0);
  log.add(entry(2, { tries: 2 }), 0);
  log.add(entry(3, { tries: 1, roomID: "lunch" }), 0);
  assert.deepEqual(log.calls.map(({ number }) => number), [3, 2]);
  assert.equal(ofListed(log.calls[1]), "missed 2 times: another call rang");
});

test("ages as people say them", () => {
  const minute = 60_000;
  const ages = [0, 5 * minute, 3 * 60 * minute, 30 * 60 * minute, 72 * 60 * minute].map(ofAge);
  assert.deepEqual(ages, ["just now", "5 min ago", "3 h ago", "yesterday", "3 days ago"]);
});

function store() {
  const kept = new Map();
  return { getItem: (key) => kept.get(key) ?? null, setItem: (key, value) => kept.set(key, value), removeItem: (key) => kept.delete(key) };
}

test("a profile is one device of a user, and a new one after signing out", () => {
  const profile = store();
  const first = identify("bo", null, profile);
  assert.deepEqual(identify("bo", null, profile), first);
  assert.notEqual(identify("ana", null, profile).device, first.device);
  abandon(first, profile);
  assert.notEqual(identify("bo", null, profile).device, first.device);
  assert.equal(identify("bo", "phone", profile).device, "phone");
  abandon(identify("bo", "phone", profile), profile);
  abandon(identify("bo", "phone", profile), profile);
  assert.equal(identify("bo", "phone", profile).device, "phone-3");
  const next = identify("bo", null, profile);
  abandon(first, profile);
  assert.deepEqual(identify("bo", null, profile), next, "a tab that hears of it late abandons the old one only");
  next.device = successor(next);
  keep(next, profile);
  assert.deepEqual(identify("bo", null, profile), next);
});

test("the address says who a tab is", () => {
  assert.deepEqual(fromAddress(toAddress("bo & co", "phone")), { user: "bo & co", named: "phone" });
  assert.deepEqual(fromAddress(""), { user: null, named: null });
  assert.equal(toAddress(null, null), "./");
});

test("names, each once", () => {
  assert.deepEqual(namesIn(" bo, cy;  bo\tdan "), ["bo", "cy", "dan"]);
  assert.deepEqual(namesIn(" , "), []);
});

test("each rule that is linked has its title and anchor", () => {
  const rules = JSON.parse(readFileSync(join(folder, "rules.json"), "utf8"));
  assert.equal(rules["D-12"].anchor, "d-12-the-answer-to-an-answer");
  assert.ok(Object.keys(rules).length > 100);
});

test("the page has no script or style of its own", () => {
  const html = readFileSync(join(folder, "index.html"), "utf8");
  assert.doesNotMatch(html, /<script(?![^>]*\bsrc=)|<style|\sstyle=|\son\w+=|(?:src|href)="\//);
});
