/** A run of the test kit's network as actions: a plan, then an action a line, with packets by their place in flight. */

import type { Engine } from "../engine.js";
import type { Action } from "../model/action.js";
import { MEETING, type Plan } from "../model/plan.js";
import { Script } from "../model/script.js";
import { bodyOf, kindOf } from "../wire.js";
import { BadFile, parse } from "./steps.js";

/** The rooms that the actions name by number. */
const ROOMS = ["standup", "lounge"];

/** More steps than this without an end are a storm. */
const STORM = 3_000;

/** Reads a run. Clocks of devices that run fast or slow run as all others do here. */
export function readNetwork(engine: Engine, name: string, text: string): { plan: Plan; actions: Action[] } {
  const [header = "", ...lines] = text.split("\n");
  const { why, policy, limits, push, mediaServer, devices } = parse(header, 1);
  if (push) throw new BadFile("a run that pushes to all devices cannot be played here");
  if (mediaServer) throw new BadFile("a run with a media server cannot be played here");
  const plan: Plan = {
    ...MEETING,
    title: name,
    about: why ?? "",
    phones: devices.map(({ user, device, settings }: Plan["phones"][number]) => ({ user, device, settings })),
    inside: [],
    pushes: false,
    isHeld: true,
    policy: policy ?? {},
    limits: limits ?? {},
  };
  const script = new Script(engine, plan);
  const users = [...new Set(plan.phones.map(({ user }) => user))];
  lines.forEach((line, index) => {
    if (line.trim() === "") return;
    const action = parse(line, index + 2);
    if (!perform(script, users, kindOf(action), bodyOf(action))) {
      throw new BadFile(`line ${index + 2}: ${kindOf(action)} cannot be played here`);
    }
  });
  return { plan, actions: script.actions };
}

function perform(script: Script, users: string[], kind: string, body: any): boolean {
  const { world } = script;
  const phone = (body.device ?? 0) % world.phones.length;
  const room = ROOMS[(body.room ?? 0) % ROOMS.length]!;
  const user = (index: number): string => users[index % users.length]!;
  const named = (): string[] => body.users.map(user);
  const calls = world.phones[phone]!.picture.screen.calls;
  const attempt = calls[(body.call ?? 0) % Math.max(calls.length, 1)]?.attempt;
  const tap = (tap: object): unknown => attempt !== undefined && script.tap(phone, tap as never);
  const { flight } = world.network;
  const packet = flight[(body.packet ?? 0) % Math.max(flight.length, 1)]?.id ?? 0;
  switch (kind) {
    case "deliver":
    case "drop":
      script.act({ do: kind, packet });
      return true;
    case "duplicate":
      script.act({ do: "repeat", packet });
      return true;
    case "flush":
      flush(script);
      return true;
    case "pass":
      script.pass(body.ms);
      return true;
    case "cut":
      script.act({ do: "cut", phone, isLate: body.late });
      return true;
    case "heal":
      script.act({ do: "connect", phone });
      return true;
    case "kill":
      script.act({ do: "kill", phone });
      return true;
    case "restart":
      if (world.phones[phone]!.picture.isAlive) script.act({ do: "kill", phone });
      script.act({ do: "start", phone });
      return true;
    case "occupied":
      script.act({ do: "occupy", phone, isOccupied: body.isOccupied });
      return true;
    case "signOut":
      script.act({ do: "signOut", phone });
      return true;
    case "accept":
      tap({ accept: { attempt } });
      return true;
    case "reject":
      tap({ reject: { attempt, reason: body.reason } });
      return true;
    case "silence":
    case "rejectHere":
      tap({ [kind]: { attempt } });
      return true;
    case "call":
      script.tap(phone, {
        call: { roomID: room, userIDList: named(), timeout: body.timeout, extensionInfo: "" },
      });
      return true;
    case "cancel":
    case "revoke":
      script.tap(phone, { [kind]: { roomID: room, userIDList: named() } });
      return true;
    case "open":
      script.act({ do: "open", room, owner: user(body.owner) });
      return true;
    case "dissolve":
      script.act({ do: "dissolve", room });
      return true;
    case "enter":
      script.act({ do: "enter", phone, room });
      return true;
    case "depart":
      script.act({ do: "leave", phone });
      return true;
    case "leave":
      world.phones.forEach(({ picture }, index) => {
        if (picture.user === user(body.user) && picture.room === room) script.act({ do: "leave", phone: index });
      });
      return true;
    case "snapshot":
      script.act({ do: "snapshot" });
      return true;
    case "killSwitchboard":
      script.act({ do: "restart" });
      return true;
    default:
      return false;
  }
}

/** Everything arrives, in order, and stray messages to phones last. */
function flush(script: Script): void {
  for (let left = STORM; left > 0; left -= 1) {
    const { flight } = script.world.network;
    const inTime = flight.find(({ isStray, body }) => !isStray || body.is === "request" || body.is === "door");
    const packet = inTime ?? flight[0];
    if (!packet) return;
    script.act({ do: "deliver", packet: packet.id });
  }
}
