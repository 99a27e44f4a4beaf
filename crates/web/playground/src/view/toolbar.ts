/** Time: play, step, speed, and the line to scrub on. */

import type { Frame } from "../model/world.js";
import { button, h, seconds } from "./dom.js";
import { rulesOf } from "./log.js";
import { ruleLink } from "./rule.js";

/** How many milliseconds of the meeting pass in one of ours. */
export const SPEEDS = [0.1, 0.25, 0.5, 1, 2, 5];

/** What the toolbar is drawn from. */
export interface TimeView {
  frame: Frame;
  at: number;
  count: number;
  playing: boolean;
  speed: number;
  now: number;
  /** The places on the line where somebody did something. */
  marks: readonly number[];
}

/** The toolbar. */
export function timeView({ frame, at, count, playing, speed, now, marks }: TimeView): HTMLElement {
  const isEnd = at === count;
  return h(
    "section",
    { class: "time", role: "toolbar", "aria-label": "Time" },
    button(playing ? "Pause" : "Play", { type: "play" }, { class: "yes", "data-key": "play", title: "Space" }),
    button("Back", { type: "seek", at: at - 1 }, { disabled: at === 0, "data-key": "back", title: "Arrow left" }),
    button("Step", { type: "step" }, { disabled: isEnd && frame.next === null, "data-key": "step", title: "Arrow right" }),
    h(
      "label",
      { class: "speed", "data-key": "speed" },
      h("span", {}, "Speed"),
      h(
        "select",
        { "data-input": "speed" },
        ...SPEEDS.map((value) => h("option", { value, selected: value === speed }, `${value}×`)),
      ),
    ),
    h("output", { class: "clock", "data-key": "clock", "aria-label": "Time of the meeting" }, seconds(now)),
    h(
      "div",
      { class: "line", "data-key": "line" },
      h("input", {
        type: "range",
        min: 0,
        max: count,
        value: at,
        "data-input": "seek",
        "aria-label": "Step of the meeting",
        "aria-valuetext": `step ${at} of ${count}, ${seconds(frame.now)}: ${frame.title}`,
      }),
      h("span", { class: "marks", "aria-hidden": "true" }, ...marks.map((mark) => h("i", { style: `left:${((mark / Math.max(1, count)) * 100).toFixed(2)}%` }))),
    ),
    h("p", { class: "now", "data-key": "now" }, h("span", { class: "count" }, `${at} / ${count}`), ` ${frame.title}`, ...rulesOf(frame).slice(0, 5).map((id) => ruleLink(id))),
  );
}
