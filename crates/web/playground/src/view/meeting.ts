/** A meeting: time above, the switchboard, the lanes and the phones, and what happened beside them. */

import { verdict } from "../model/agreement.js";
import type { History } from "../model/history.js";
import { boardView } from "./board.js";
import { h } from "./dom.js";
import { lane } from "./lane.js";
import { logView } from "./log.js";
import { messageView } from "./message.js";
import { phoneView } from "./phone.js";
import { withRules } from "./rule.js";
import { timeView } from "./toolbar.js";

/** What the view is drawn from. */
export interface MeetingView {
  history: History;
  playing: boolean;
  speed: number;
  now: number;
  selected: number | null;
}

/** The view. */
export function meetingView({ history, playing, speed, now, selected }: MeetingView): HTMLElement {
  const { frame, plan, at, actions } = history;
  const users = [...new Set(frame.phones.map(({ user }) => user))];
  const marks = actions.flatMap(({ do: kind }, index) => (kind === "next" || kind === "wait" ? [] : [index + 1]));
  return h(
    "div",
    { class: "meeting" },
    timeView({ frame, at, count: actions.length, playing, speed, now, marks }),
    plan.about !== "" && h("p", { class: "about" }, ...withRules(plan.about)),
    h(
      "div",
      { class: "columns" },
      h(
        "div",
        { class: "stage" },
        boardView(frame, plan.room, plan.phones[0]?.user ?? "", verdict(frame)),
        h(
          "div",
          { class: "phones" },
          ...frame.phones.map((phone, index) => {
            const { user, device, isUp, isAlive, isCut } = phone;
            const of = { phone: index, name: `${user}'s ${device}`, isUp, isAlive, isCut };
            const others = users.filter((other) => other !== user);
            return h(
              "div",
              { class: "column", "data-key": `phone-${index}` },
              lane(of, frame.flight, selected, now),
              phoneView({ index, phone, now, room: plan.room, open: frame.open, others }),
            );
          }),
        ),
      ),
      logView(frame),
    ),
    messageView(frame, selected),
  );
}
