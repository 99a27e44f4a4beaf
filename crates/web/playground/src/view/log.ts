/** What happened in the step that is looked at, and the rules behind it. */

import type { Frame } from "../model/world.js";
import type { Happening } from "../model/hosting.js";
import { rulesIn } from "../wire.js";
import { h } from "./dom.js";
import { rulesPanel, ruleLink, withRules } from "./rule.js";

/** The time that each sentence of a switchboard begins with: the step has it already. */
const TIME = /^\s*(?:\d+\.\d{3} s {2})?\s*/;

/** The rules behind a step. */
export const rulesOf = ({ happenings }: Frame): string[] => [
  ...new Set(happenings.flatMap(({ text, rule }) => [...(rule ? [rule] : []), ...rulesIn(text)])),
];

/** The panel. */
export function logView(frame: Frame): HTMLElement {
  return h(
    "section",
    { class: "log", "aria-labelledby": "log-title" },
    h("h2", { id: "log-title" }, "In this step"),
    h("p", { class: "step-title" }, frame.title || "Nothing changes."),
    h("ol", { class: "happenings" }, ...frame.happenings.filter((it) => !isTitle(frame, it)).map((it) => line(frame, it))),
    h("h3", {}, "The rules behind it"),
    rulesPanel(rulesOf(frame)),
  );
}

/** What the title says already. */
const isTitle = ({ title }: Frame, { text, rule }: Happening): boolean =>
  rule === undefined && title.toLowerCase() === text.toLowerCase();

function line(frame: Frame, { who, text, rule }: Happening): HTMLElement {
  const phone = typeof who === "number" ? frame.phones[who] : undefined;
  const name = phone ? `${phone.user}'s ${phone.device} ` : who === "switchboard" ? "Switchboard: " : "";
  return h(
    "li",
    { class: phone ? "of-phone" : String(who) },
    name !== "" && h("b", {}, name),
    ...withRules(text.replace(TIME, "")),
    rule !== undefined && !text.includes(rule) && " ",
    rule !== undefined && !text.includes(rule) && ruleLink(rule),
  );
}
