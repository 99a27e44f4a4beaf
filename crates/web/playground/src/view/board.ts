/** The switchboard: what rings by its word, who is in its rooms, and its snapshots. */

import type { Frame } from "../model/world.js";
import { short } from "../model/words.js";
import { button, h, seconds } from "./dom.js";
import { untilWords } from "./phone.js";

/** The switchboard. */
export function boardView(frame: Frame, room: string, owner: string, verdict: string): HTMLElement {
  const isOpen = frame.open.includes(room);
  const inside = frame.phones.filter((phone) => phone.room === room).map(({ user, device }) => `${user}'s ${device}`);
  return h(
    "section",
    { class: "board", "aria-labelledby": "board-title" },
    h("h2", { id: "board-title" }, "Switchboard"),
    h("p", { class: "verdict" }, verdict),
    h(
      "ul",
      { class: "live" },
      ...(frame.live.length === 0
        ? [h("li", { class: "quiet" }, "Nothing rings.")]
        : frame.live.map(({ attempt, caller, callee, until, hasRung }) =>
            h(
              "li",
              { "data-key": `live-${attempt}` },
              h("b", {}, `${caller} → ${callee}`),
              ` call ${short(attempt)}, ${untilWords(until)}, ${hasRung ? "it rings" : "nobody has said that it rings"}`,
            ),
          )),
    ),
    h(
      "p",
      { class: "room" },
      isOpen ? `${room}: ${inside.length === 0 ? "nobody" : inside.join(", ")}` : `${room} is not open`,
    ),
    h(
      "p",
      { class: "controls" },
      frame.isHeld && button("Let messages flow", { type: "act", action: { do: "flow" } }, { class: "yes" }),
      button("Keep a snapshot", { type: "act", action: { do: "snapshot" } }),
      button("Kill and restore", { type: "act", action: { do: "restart" } }),
      isOpen
        ? button("Dissolve the room", { type: "act", action: { do: "dissolve", room } })
        : button("Open the room", { type: "act", action: { do: "open", room, owner } }),
    ),
    h(
      "details",
      { class: "snapshots" },
      h("summary", {}, "Set it back to an earlier state"),
      h(
        "p",
        { class: "controls" },
        ...frame.snapshots.map(({ at, why }, snapshot) =>
          button(`${seconds(at)}, ${why}`, { type: "act", action: { do: "setBack", snapshot } }),
        ),
      ),
    ),
  );
}
