import assert from "node:assert/strict";
import { test } from "node:test";

import { Handset, frame, load, readEvent, type Command, type Input } from "roomcall";
import { Switchboard, isFor, load as loadSwitchboard } from "roomcall/switchboard";

const ring = readEvent({
  onCallReceived: {
    roomID: "standup",
    call: { caller: "ana", callee: "bo", status: "calling" },
    attempt: 7,
    extensionInfo: "",
    timeLeft: 30_000,
  },
});

test("before it is loaded it says what to do", () => {
  assert.throws(() => new Handset("bo", "phone"), /await load\(\) before the first use/);
  assert.throws(() => new Switchboard(), { name: "NotLoadedError" });
});

test("a module that cannot be loaded can be loaded later", async () => {
  await assert.rejects(load(new Uint8Array([1, 2, 3])));
  await load();
  await loadSwitchboard();
});

test("effects have their kind and their rule", () => {
  const phone = new Handset("bo", "phone", { minRing: 500 });
  assert.equal(phone.settings.minRing, 500);
  assert.equal(phone.settings.retryInterval, 2_000);
  const [ask] = phone.apply(0, { kind: "link", link: "up" });
  assert.ok(ask?.kind === "send");
  assert.equal(frame(ask), '{"requestID":1,"query":{"getMyCalls":{"since":0}}}');
  assert.deepEqual([ask.rule, phone.isUp, phone.isReady, phone.nextDeadline], ["D-16", true, false, 2_000]);
  const [show] = phone.apply(5, { kind: "push", event: ring, age: 1_000 });
  assert.ok(show?.kind === "show");
  assert.deepEqual([show.rule, show.timeLeft, show.call.caller], ["D-06", 29_000, "ana"]);
  assert.deepEqual(phone.screen(), [{ attempt: 7, stage: "ringing" }]);
});

test("several lines of a message are one step, and lines of later releases are ignored", () => {
  const phone = new Handset("bo", "phone");
  phone.apply(0, { kind: "link", link: "up" });
  const none = { incoming: [], outgoing: [], endings: [], more: false };
  const snapshot = { ...none, since: 0, lastAttempt: 0, revision: 0 };
  const reply = { at: 9, requestID: 1, answer: { getMyCalls: snapshot }, nextRequestID: 1 };
  const call = { caller: "ana", callee: "bo", status: "calling" };
  const received = { roomID: "x", call, attempt: 1, extensionInfo: "", timeLeft: null };
  const notice = { at: 9, to: { user: "bo" }, event: { onCallReceived: received }, because: "C-01" };
  const message = [reply, { later: true }, notice].map((it) => JSON.stringify(it)).join("\r\n");
  const kinds = phone.receive(9, message).map(({ kind }) => kind);
  assert.deepEqual(kinds, ["show", "send"]);
});

test("a saved handset goes on, and says what is wrong with a damaged one", () => {
  const phone = new Handset("bo", "phone");
  phone.apply(0, { kind: "push", event: ring, age: 0 });
  const again = Handset.restore(phone.save(), 500);
  assert.deepEqual([again.user, again.device, again.clock], ["bo", "phone", 0]);
  const [show] = again.redraw();
  assert.ok(show?.kind === "show" && show.timeLeft === 29_500);
  assert.throws(() => Handset.restore(new TextEncoder().encode("{}"), null), {
    name: "SavedStateError",
    message: /sign the device in again under a new id/,
  });
  assert.throws(() => Handset.restore(new Uint8Array([255]), null), { name: "SavedStateError" });
});

test("a value of another type is refused by name", () => {
  const phone = new Handset("bo", "phone");
  const input = { kind: "inRoom", roomID: 7 } as unknown as Input;
  assert.throws(() => phone.apply(0, input), { name: "InvalidInputError", message: /string/ });
  const settings = { minRings: 5 } as object;
  assert.throws(() => new Handset("bo", "phone", settings), /minRings/);
  assert.equal(phone.apply(0, { kind: "signedOut" }).length, 0);
  assert.equal(phone.isSignedOut, true);
});

test("a switchboard answers by name, in words, and from its snapshot", () => {
  const board = new Switchboard({ policy: { mayCall: "admins" }, limits: { callees: 2 } });
  board.apply({ at: 5, fact: { kind: "roomOpened", roomID: "standup", owner: "ana" } });
  board.apply({ at: 5, fact: { kind: "userEntered", roomID: "standup", userID: "cy" } });
  const by = { user: "cy", device: "mac" };
  const command: Command = { kind: "callUserToRoom", roomID: "standup", userIDList: ["bo"] };
  const { outputs, lines, words } = board.apply({ at: 6, by, command, requestID: 1 });
  assert.ok(outputs[0] && "refused" in outputs[0]);
  assert.equal(JSON.parse(lines[0] ?? "").refused.rule, outputs[0].refused.rule);
  assert.ok(words.length > 0);
  const again = Switchboard.restore(board.snapshot());
  assert.equal(again.clock, 6);
  assert.deepEqual(again.apply({ at: 7, by, command, requestID: 1 }).outputs.length, 1);
  assert.throws(() => Switchboard.restore(new Uint8Array(9)), { name: "SavedStateError" });
  assert.throws(() => board.applyText('{"at":1}'), { name: "InvalidInputError" });
});

test("audiences", () => {
  const phone = { user: "bo", device: "phone", room: "standup" };
  assert.ok(isFor({ user: "bo" }, phone));
  assert.ok(isFor({ user: "bo", device: "phone" }, phone));
  assert.ok(isFor({ user: "bo", exceptDevice: "tablet" }, phone));
  assert.ok(isFor({ room: "standup" }, phone));
  assert.ok(!isFor({ user: "ana" }, phone));
  assert.ok(!isFor({ user: "bo", device: "tablet" }, phone));
  assert.ok(!isFor({ user: "bo", exceptDevice: "phone" }, phone));
  assert.ok(!isFor({ room: "other" }, phone));
});
