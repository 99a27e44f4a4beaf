/** The message that is selected: what it says, and what can be done to it. */

import { HELD, type Packet } from "../model/network.js";
import type { Frame } from "../model/world.js";
import { bodyName } from "../model/words.js";
import { button, h, seconds } from "./dom.js";
import { ruleLink } from "./rule.js";

/** The panel, empty where nothing is selected. */
export function messageView(frame: Frame, selected: number | null): HTMLElement {
  const packet = frame.flight.find(({ id }) => id === selected);
  if (!packet) return h("section", { class: "message", hidden: true });
  const { user, device } = frame.phones[packet.phone]!;
  const name = `${user}'s ${device}`;
  const way = packet.isUp ? `from ${name} to the switchboard` : `to ${name}`;
  const isHeld = packet.arrives === HELD;
  const act = (what: string, more: object = {}): object => ({
    type: "act",
    action: { do: what, packet: packet.id, ...more },
  });
  return h(
    "section",
    { class: "message", role: "group", "aria-label": "The selected message" },
    h(
      "p",
      {},
      h("b", {}, bodyName(packet.body)),
      ` ${way}, ${isHeld ? "until somebody delivers it" : `arrives at ${seconds(packet.arrives)}`}`,
      packet.isStray ? ", a stray " : " ",
      packet.body.is === "notice" && ruleLink(packet.body.because, true),
    ),
    h(
      "p",
      { class: "buttons" },
      button("Drop", act("drop"), { title: "Key d" }),
      !isHeld && button("Delay 3 s", act("delay", { ms: 3000 }), { title: "Key l" }),
      button("Repeat", act("repeat"), { title: "Key r" }),
      !isHeld && button("Let the next one pass", act("overtake"), { title: "Key o" }),
      button("Deliver now", act("deliver"), { title: "Key n" }),
      button("Close", { type: "select", packet: null }, { class: "plain" }),
    ),
    h("details", {}, h("summary", {}, "As JSON"), h("pre", { tabindex: 0 }, JSON.stringify(contents(packet), null, 2))),
  );
}

function contents({ body }: Packet): unknown {
  switch (body.is) {
    case "request":
      return body.requestID === undefined ? body.request : { requestID: body.requestID, ...(body.request as object) };
    case "notice":
      return { event: body.event, because: body.because };
    case "reply":
      return body.reply;
    case "push":
      return body.event;
    case "door":
      return { room: body.room };
  }
}
