// Ana calls bo; his phone shows the call and accepts; ana hears of it. Both devices and the switchboard in one process.
import { Handset, frame, load, type Input, type RuledEffect } from "roomcall";
import * as host from "roomcall/switchboard";

await Promise.all([load(), host.load()]);
const board = new host.Switchboard();
const [ana, bo] = [new Handset("ana", "mac"), new Handset("bo", "phone")];
board.apply({ at: 0, fact: { kind: "roomOpened", roomID: "standup", owner: "ana" } });
board.apply({ at: 0, fact: { kind: "userEntered", roomID: "standup", userID: "ana", deviceID: "mac" } });

function step(phone: Handset, ...inputs: Input[]): void {
  carryOut(phone, phone.apply(0, ...inputs));
}

function carryOut(phone: Handset, effects: RuledEffect[]): void {
  for (const effect of effects) {
    if (effect.kind === "send") send(phone, frame(effect));
    else console.log(phone.user, effect.kind, effect.kind === "progress" ? effect.progress.kind : "", effect.rule);
    if (effect.kind === "show") step(phone, { kind: "tap", tap: { kind: "accept", attempt: effect.call.attempt } });
  }
}

function send(from: Handset, request: string): void {
  const by = { user: from.user, device: from.device };
  const { outputs, lines } = board.applyText(JSON.stringify({ at: 0, by, ...JSON.parse(request) }));
  for (const [i, output] of outputs.entries())
    for (const phone of [ana, bo])
      if ("to" in output ? host.isFor(output.to, phone) : phone === from) carryOut(phone, phone.receive(0, lines[i] ?? ""));
}

for (const phone of [ana, bo]) step(phone, { kind: "link", link: "up" });
step(ana, { kind: "inRoom", roomID: "standup" });
step(ana, { kind: "tap", tap: { kind: "call", roomID: "standup", userIDList: ["bo"], timeout: 30, extensionInfo: "" } });
