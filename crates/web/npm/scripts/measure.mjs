// Sizes and speeds: `npm run measure`. With `--check` it ends after the notice. A size above its bound is an error. So is a
// notice that takes several times its bound: less than that says nothing, since the machine may do other things, too.
import { readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

import { Handset, load } from "../dist/index.js";
import { Switchboard, load as loadSwitchboard } from "../dist/switchboard.js";

/** The most that the handset may have, compressed, in bytes. */
const HANDSET = 250_000;
/** The most that a notice may take on a machine that does nothing else, in microseconds, and how many times that is an error. */
const [NOTICE, TIMES] = [20, 5];
/** Steps before the clock runs, and while it does. */
const [WARM, STEPS] = [20_000, 100_000];

const size = (file) => {
  const bytes = readFileSync(new URL(`../${file}`, import.meta.url));
  return { file, bytes: bytes.length, gzipped: gzipSync(bytes, { level: 9 }).length };
};
const sizes = ["handset", "switchboard"].flatMap((name) => [
  size(`wasm/${name}_bg.wasm`),
  size(`wasm/${name}.js`),
]);
console.log("| file | bytes | gzipped |\n|---|---:|---:|");
for (const { file, bytes, gzipped } of sizes) console.log(`| ${file} | ${bytes} | ${gzipped} |`);
if (sizes[0].gzipped > HANDSET) {
  console.error(`the handset has ${sizes[0].gzipped} bytes compressed; ${HANDSET} are allowed`);
  process.exit(1);
}

await Promise.all([load(), loadSwitchboard()]);

/** The microseconds of a step, the best of five. */
function time(step) {
  for (let i = 0; i < WARM; i += 1) step();
  let best = Infinity;
  for (let round = 0; round < 5; round += 1) {
    const begin = performance.now();
    for (let i = 0; i < STEPS / 5; i += 1) step();
    best = Math.min(best, ((performance.now() - begin) * 5_000) / STEPS);
  }
  return best.toFixed(1);
}

/** A handset that is ready, in no room. */
function ready() {
  const phone = new Handset("bo", "phone");
  phone.apply(0, { kind: "link", link: "up" });
  const empty = { incoming: [], outgoing: [], endings: [], more: false, since: 0, lastAttempt: 0, revision: 0 };
  const answer = { getMyCalls: empty };
  phone.receive(0, JSON.stringify({ at: 0, requestID: 1, answer, nextRequestID: 1 }));
  return phone;
}

const ids = { roomID: "a-room-of-23-characters", caller: "a-user-of-23-characters", callee: "bo" };
const call = (status) => ({ caller: ids.caller, callee: ids.callee, status });
const ring = (attempt) => ({
  kind: "onCallReceived",
  roomID: ids.roomID,
  call: call("calling"),
  attempt,
  extensionInfo: "",
  timeLeft: 30_000,
});
const cancel = (attempt) => ({ kind: "onCallCancelled", roomID: ids.roomID, call: call("none"), attempt });

let phone = ready();
let count = 0;
/** A ring, then its end, by turns: a show or a dismiss each. */
const notice = () => {
  count += 1;
  const attempt = (count + 1) >> 1;
  const event = count % 2 === 1 ? ring(attempt) : cancel(attempt);
  return phone.apply(count, { kind: "notice", event });
};
const noticeMicros = time(notice);
const isSlow = noticeMicros > NOTICE * TIMES;
if (isSlow) console.error(`a notice takes ${noticeMicros} microseconds; ${NOTICE} are meant, ${NOTICE * TIMES} are allowed`);
if (process.argv.includes("--check")) {
  console.log(`\nA notice takes ${noticeMicros} microseconds. The bound is ${NOTICE}; on a shared machine only ${TIMES} times that is an error.`);
  process.exit(isSlow ? 1 : 0);
}
const saved = time(() => phone.save());
phone = ready();
count = 0;
const noticeSaved = time(() => [notice(), phone.save()]);

const board = new Switchboard();
let at = 0;
const by = { user: "ana", device: "mac" };
board.apply({ at, fact: { kind: "roomOpened", roomID: "standup", owner: "ana" } });
board.apply({ at, fact: { kind: "userEntered", roomID: "standup", userID: "ana", deviceID: "mac" } });
const input = time(() => {
  at += 1;
  const kind = at % 2 === 1 ? "callUserToRoom" : "cancelCall";
  const { outputs } = board.apply({ at, by, command: { kind, roomID: "standup", userIDList: ["bo"] } });
  if (!("answer" in outputs[0])) throw new Error(JSON.stringify(outputs));
});
console.log(`\n| step, Node ${process.version} | microseconds |\n|---|---:|`);
console.log(`| a notice, through typed values | ${noticeMicros} |`);
console.log(`| \`save()\` of that handset | ${saved} |`);
console.log(`| a notice, and \`save()\` | ${noticeSaved} |`);
console.log(`| a call or a cancel at the switchboard, with its sentences | ${input} |`);
if (isSlow) process.exit(1);
