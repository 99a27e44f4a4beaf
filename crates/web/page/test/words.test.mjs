// The words for each kind of what the package tells, by the package's own lists: a new kind fails here.
import assert from "node:assert/strict";
import test from "node:test";
import { built } from "./built.mjs";

const { shapes } = await built("roomcall/dist/index.js");
const words = await built("js/words.js");
const { Story } = await built("js/story.js");
const { ofStanding, ofStop } = await built("js/standing.js");

const FIELDS = {
  operator: "cy", deviceID: "tablet", reason: "busy", code: -2, ending: { kind: "timedOut" },
};

/** Complete sentences, or parts of one, but never a kind as it is called in code. */
function checkWords(text, kind) {
  assert.ok(text.length > 3, `${kind} has words: ${text}`);
  assert.doesNotMatch(text, /undefined|null|\[object|NaN/);
  assert.notEqual(text, `${kind}.`);
}

for (const [type, say] of [["Dismissal", words.ofDismissal], ["ReportReason", words.ofReport]]) {
  test(`each ${type} has words`, () => {
    for (const kind of Object.keys(shapes[type].kinds)) {
      checkWords(say({ kind, ...FIELDS }), kind);
      checkWords(say({ kind, ...FIELDS, operator: null, deviceID: null }), kind);
    }
  });
}

test("each Progress has words, which name who is called", () => {
  for (const kind of Object.keys(shapes.Progress.kinds))
    for (const fields of [FIELDS, { ...FIELDS, operator: null, reason: null }]) {
      const text = words.ofProgress({ kind, ...fields }, "bo");
      checkWords(text, kind);
      assert.match(text, /\bbo\b/);
    }
});

test("no two kinds read alike", () => {
  for (const [type, say] of [["Dismissal", words.ofDismissal], ["Progress", (it) => words.ofProgress(it, "bo")]]) {
    const all = Object.keys(shapes[type].kinds).map((kind) => say({ kind, ...FIELDS }));
    assert.equal(new Set(all).size, all.length);
  }
});

test("kinds of a newer server are shown as they are", () => {
  assert.equal(words.ofDismissal({ kind: "beamedUp" }), "beamedUp.");
});

test("words of plain words are complete, as TypeScript checks; these are a sample", () => {
  for (const why of ["tooMany", "tooOld", "over", "signedOut"]) checkWords(words.notSentWords[why], why);
});

const call = { attempt: 7, roomID: "standup", caller: "ana", extensionInfo: "" };
const refused = { code: -2, rule: "L-14", message: "too many", retryAfter: 4_200 };
const EVENTS = {
  show: [{ call, stage: "ringing", timeLeft: 1 }, { call, stage: "waiting", timeLeft: null }, { call, stage: "accepting", timeLeft: 1 }],
  update: ["ringing", "waiting", "accepting", "rejecting"].map((stage) => ({ attempt: 7, stage })),
  dismiss: [{ attempt: 7, why: { kind: "cancelled" } }, { attempt: 99, why: { kind: "gone" } }],
  report: [{ call, why: { kind: "over", ending: { kind: "timedOut" } } }, { call, why: { kind: "shown" } }],
  learned: [{ attempt: 7, roomID: "standup", caller: "ana", why: { kind: "timedOut" } }],
  join: [{ roomID: "standup" }],
  progress: [{ roomID: "standup", callee: "bo", attempt: 7, progress: { kind: "calling" } }],
  listed: [{ callee: "bo", caller: "ana", attempt: 7, status: "calling" }],
  roomChanged: [{ roomID: "standup" }, { roomID: null }],
  unlisted: [{ callee: "bo", attempt: 7 }],
  logged: [true, false].map((isNews) => ({ entry: { number: 3, roomID: "standup", caller: "ana", age: 0 }, isNews })),
  seen: [{ upTo: 3 }],
  notSent: [{ command: { kind: "cancelCall" }, why: "tooOld" }],
  answered: [
    { requestID: 1, result: { kind: "refused", refused } },
    ...Object.keys(shapes.Answer.kinds).map((kind) => ({ requestID: 1, result: { kind: "answer", answer: { kind, results: { bo: "success" } } } })),
  ],
  connected: [{}],
  disconnected: [{ code: null, reason: "", retryIn: 250 }, { code: 1001, reason: "the server ends this connection: connect again", retryIn: 250 }],
  stopped: [4403, 4409, 1009].map((code) => ({ code, reason: "" })),
  storageFailed: [{ error: new Error("full") }],
};

test("each effect and each state of the connection is told in a sentence", () => {
  const kinds = Object.keys(shapes.Effect.kinds).filter((kind) => kind !== "send");
  for (const kind of [...kinds, "roomChanged", "connected", "disconnected", "stopped", "storageFailed"]) {
    assert.ok(EVENTS[kind], `${kind} has an example here`);
    const story = new Story();
    for (const event of EVENTS[kind]) {
      const text = story.tell({ kind, rule: "D-09", ...event });
      checkWords(text, kind);
      assert.match(text, /^\S.*[.…]$/, text);
      assert.doesNotMatch(text, /\.\./);
    }
  }
});

test("what ends a call says whose it was", () => {
  const story = new Story();
  story.tell({ kind: "show", call, stage: "ringing", timeLeft: 1, rule: "D-09" });
  const text = story.tell({ kind: "dismiss", attempt: 7, why: { kind: "answeredElsewhere", deviceID: "tablet" }, rule: "D-09" });
  assert.equal(text, "The call of ana into standup leaves the screen. Answered on your device tablet.");
});

test("a refusal says what helps", () => {
  assert.equal(words.ofRefusal(refused), "too many calls in a minute; again in 5 s");
  assert.equal(words.ofRefusal({ code: 1, rule: "Z-99", message: "what the server says" }), "what the server says");
});

test("the connection in words", () => {
  assert.equal(ofStanding({ kind: "waiting", retryAt: 5_000, reason: "" }, 1_200), "Reconnecting in 4 s");
  assert.equal(ofStanding({ kind: "waiting", retryAt: 5_000, reason: "it broke" }, 6_000), "Reconnecting (it broke) …");
  for (const kind of ["connecting", "connected", "asleep"]) checkWords(ofStanding({ kind }, 0), kind);
  assert.match(ofStop(4409, ""), /^Replaced/);
  assert.match(ofStop(4403, ""), /^Signed out/);
  assert.match(ofStop(1009, "the message is too large"), /the message is too large$/);
});
