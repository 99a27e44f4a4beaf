/** Meetings that show something. Each is a plan and the actions up to where it becomes interesting. */

import type { Engine } from "../engine.js";
import { kindOf, bodyOf, type Variant } from "../wire.js";
import type { Action } from "./action.js";
import type { Packet } from "./network.js";
import { MEETING, type Plan } from "./plan.js";
import { Script } from "./script.js";

/** An example: what it is called, and how it goes. */
export interface Example {
  id: string;
  title: string;
  about: string;
  plan: Partial<Plan>;
  script: (play: Script) => void;
}

const call = (...users: string[]): Variant => ({
  call: { roomID: MEETING.room, userIDList: users, timeout: 30, extensionInfo: "" },
});

const isRing = (packet: Packet): boolean =>
  packet.body.is === "notice" && kindOf(packet.body.event) === "onCallReceived";

const asks = (kind: string) => (packet: Packet): boolean =>
  packet.body.is === "request" && kindOf(bodyOf(packet.body.request)) === kind;

export const EXAMPLES: Example[] = [
  {
    id: "meeting",
    title: "A meeting",
    about: MEETING.about,
    plan: {},
    script: (play) => play.pass(2_000),
  },
  {
    id: "race",
    title: "Two devices accept at once",
    about: "Both devices of bo accept. The first accept that reaches the switchboard counts; the other device learns who won, and does not join.",
    plan: {},
    script: (play) =>
      play
        .pass(2_000)
        .tap(0, call("bo"))
        .pass(2_000)
        .tap(1, { accept: { attempt: play.call(1) } })
        .pass(200)
        .tap(2, { accept: { attempt: play.call(2) } }),
  },
  {
    id: "lost",
    title: "A ring is lost",
    about: "The ring for bo's phone is dropped. The tablet rings. What does the phone show once it asks, and what if bo answers before?",
    plan: { settings: { refresh: 5_000 } },
    script: (play) => {
      play.pass(2_000).tap(0, call("bo")).pass(600);
      play.act({ do: "drop", packet: play.find((packet) => packet.phone === 1 && isRing(packet)) }).pass(800);
    },
  },
  {
    id: "late",
    title: "The cancel overtakes the ring",
    about: "Ana cancels at once, and the ring to bo's phone is held up: it arrives after the end of its call. It must not ring.",
    plan: {},
    script: (play) => {
      play.pass(2_000).tap(0, call("bo")).pass(600);
      play.act({ do: "delay", packet: play.find((packet) => packet.phone === 1 && isRing(packet)), ms: 3_000 });
      play.pass(700).tap(0, { cancel: { roomID: MEETING.room, userIDList: ["bo"] } });
    },
  },
  {
    id: "push",
    title: "A push wakes a dead phone",
    about: "Cy's phone was killed. The ring comes as a push, which starts the app: it shows the call before it has a connection.",
    plan: {},
    script: (play) => play.pass(2_000).act({ do: "kill", phone: 3 }).pass(1_000).tap(0, call("cy")).pass(700),
  },
  {
    id: "answer",
    title: "The answer is lost",
    about: "The accept of bo's phone arrives, and its answer is lost. The phone sends the same request again, and is answered as before: one effect.",
    plan: {},
    script: (play) => {
      play.pass(2_000).tap(0, call("bo")).pass(2_000).tap(1, { accept: { attempt: play.call(1) } }).pass(600);
      play.act({ do: "drop", packet: play.find((packet) => packet.phone === 1 && packet.body.is === "reply") });
    },
  },
  {
    id: "state",
    title: "The switchboard loses its state",
    about: "While it rings, the switchboard is set back to the state before the call. It says so, and the phones stop ringing; calls of the new life ring at once.",
    plan: {},
    script: (play) => play.pass(2_000).tap(0, call("bo", "cy")).pass(2_500).act({ do: "setBack", snapshot: 1 }),
  },
  {
    id: "repeat",
    title: "An accept comes twice",
    about: "A copy of the accept of bo's phone arrives again: it is answered as before, and changes nothing.",
    plan: {},
    script: (play) => {
      play.pass(2_000).tap(0, call("bo")).pass(2_000).tap(1, { accept: { attempt: play.call(1) } }).pass(100);
      play.act({ do: "repeat", packet: play.find(asks("acceptCall")) });
    },
  },
];

/** The plan and the actions of an example. */
export function play(engine: Engine, example: Example): { plan: Plan; actions: Action[] } {
  const plan = { ...MEETING, ...example.plan, title: example.title, about: example.about };
  const script = new Script(engine, plan);
  example.script(script);
  return { plan, actions: script.actions };
}
