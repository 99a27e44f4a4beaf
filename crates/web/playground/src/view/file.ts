/** A file that is stepped through: its lines, what should come, what came, and how they differ. */

import type { Played } from "../files/player.js";
import type { Opened } from "../files/steps.js";
import { dismissalWords, progressWords } from "../model/words.js";
import type { Screen } from "../model/screen.js";
import { bodyOf, kindOf, rulesIn, type Audience } from "../wire.js";
import { button, h } from "./dom.js";
import { ruleLink, rulesPanel, withRules } from "./rule.js";

/** What the view is drawn from. */
export interface FileView {
  file: Opened;
  played: readonly Played[];
  at: number;
}

const TIME = /^\s*(?:\d+\.\d{3} s {2})?\s*/;

/** The view. */
export function fileView({ file, played, at }: FileView): HTMLElement {
  const wrong = played.map((it, index) => (isWrong(it) ? index : -1)).filter((index) => index >= 0);
  const next = wrong.find((index) => index > at) ?? wrong[0];
  const step = played[at];
  return h(
    "div",
    { class: "file" },
    h(
      "section",
      { class: "time", role: "toolbar", "aria-label": "Steps" },
      button("First", { type: "line", at: 0 }, { disabled: at === 0 }),
      button("Back", { type: "line", at: at - 1 }, { disabled: at === 0, title: "Arrow left" }),
      button("Step", { type: "line", at: at + 1 }, { disabled: at >= played.length - 1, title: "Arrow right", class: "yes" }),
      button("Last", { type: "line", at: played.length - 1 }, { disabled: at >= played.length - 1 }),
      wrong.length > 0 && button("Next difference", { type: "line", at: next ?? 0 }),
      button("Close the file", { type: "close" }, { class: "plain" }),
      h("input", {
        type: "range",
        min: 0,
        max: Math.max(0, played.length - 1),
        value: at,
        "data-input": "line",
        "aria-label": "Step of the file",
        "aria-valuetext": `step ${at + 1} of ${played.length}`,
      }),
    ),
    h("h2", {}, file.name),
    h("p", { class: "title" }, ...withRules(file.title)),
    h("p", { class: `result ${wrong.length === 0 ? "good" : "bad"}` }, summary(file, played, wrong.length)),
    h("div", { class: "columns" }, lines(played, at), step ? detail(step) : h("p", {}, "The file has no steps.")),
  );
}

export const isWrong = (played: Played): boolean => played.differences.length > 0 || played.error !== undefined;

/** How the file compares, in a sentence. */
export function summary(file: Opened, played: readonly Played[], wrong: number): string {
  const steps = `${played.length} ${played.length === 1 ? "step" : "steps"}`;
  if (wrong > 0) return `${wrong} of ${steps} ${wrong === 1 ? "differs" : "differ"} from what is expected.`;
  if (file.kind === "journal") return `${steps}. A journal has inputs only: nothing is expected of them.`;
  return `${steps}, ${played.length === 1 ? "which" : "and each"} came to what is expected.`;
}

function lines(played: readonly Played[], at: number): HTMLElement {
  return h(
    "ol",
    { class: "lines", "aria-label": "Steps of the file" },
    ...played.map((it, index) => {
      const first = it.words[0]?.replace(TIME, "") ?? it.error ?? inputWords(it);
      const mark = isWrong(it) ? "differs" : it.step.expected ? "as expected" : "";
      return h(
        "li",
        { "data-key": `line-${index}`, class: isWrong(it) ? "bad" : "" },
        h(
          "button",
          { type: "button", "data-do": JSON.stringify({ type: "line", at: index }), "aria-current": index === at ? "step" : undefined },
          h("span", { class: "number" }, String(it.step.line)),
          h("span", { class: "text" }, it.step.inputs ? inputWords(it) : first),
          isWrong(it) ? h("span", { class: "mark" }, mark) : h("span", { class: "sr" }, mark),
        ),
      );
    }),
  );
}

/** The step that is looked at, for who listens. */
export function lineWords({ played, at }: FileView): string {
  const step = played[at];
  if (!step) return "";
  const words = step.error ?? step.words[0]?.replace(TIME, "") ?? "nothing happens";
  const count = step.differences.length;
  return `Line ${step.step.line}: ${words}${count > 0 ? `; ${count} ${count === 1 ? "difference" : "differences"}` : ""}`;
}

/** What a handset is given, briefly. */
function inputWords({ step }: Played): string {
  if (!step.inputs) return step.text;
  if ("restart" in step.inputs) return "is killed, and starts again";
  const names = step.inputs.inputs.map((input) => {
    const body = bodyOf(input);
    const inner = ["tap", "notice"].includes(kindOf(input)) ? `: ${kindOf(body)}` : "";
    return `${kindOf(input)}${inner}`;
  });
  return `${(step.inputs.at / 1000).toFixed(1)} s: ${names.join(", ")}`;
}

function detail(played: Played): HTMLElement {
  const { step, words, actual, rules, differences, error, screen } = played;
  const all = [...new Set([...rules.filter((rule) => rule !== undefined), ...words.flatMap(rulesIn), ...(step.unchanged ? [step.unchanged] : [])])];
  return h(
    "section",
    { class: "detail", "data-key": "detail" },
    h("h3", {}, `Line ${step.line}`),
    h("pre", { class: "input", tabindex: 0 }, step.text),
    error !== undefined && h("p", { class: "error" }, `The library refuses this line: ${error}`),
    differences.length > 0 && h("h3", {}, "What differs"),
    differences.length > 0 && h("ul", { class: "differences" }, ...differences.map(({ text }) => h("li", {}, text))),
    words.length > 0 && h("h3", {}, "In words"),
    words.length > 0 && h("ul", { class: "words" }, ...words.map((text) => h("li", {}, ...withRules(text.replace(TIME, ""))))),
    screen !== undefined && screenView(screen),
    h("h3", {}, "What came"),
    outputs(actual, rules, differences.map(({ output }) => output)),
    step.expected !== undefined && differences.length > 0 && h("h3", {}, "What is expected"),
    step.expected !== undefined && differences.length > 0 && outputs(step.expected, [], []),
    h("h3", {}, "The rules behind it"),
    rulesPanel(all),
  );
}

function outputs(all: readonly unknown[], rules: readonly (string | undefined)[], wrong: readonly number[]): HTMLElement {
  if (all.length === 0) return h("p", { class: "quiet" }, "Nothing.");
  return h(
    "ol",
    { class: "outputs" },
    ...all.map((output, index) => {
      const rule = rules[index];
      const to = audience(output as object);
      return h(
        "li",
        { class: wrong.includes(index + 1) ? "bad" : "" },
        h("p", {}, to, to !== "" && " ", rule !== undefined && ruleLink(rule, true)),
        h("pre", { tabindex: 0 }, JSON.stringify(ordered(output))),
      );
    }),
  );
}

/** Fields that come first, in this order; the others follow by name. So what came and what is expected can be compared by eye. */
const FIRST = ["at", "requestID", "to", "event", "answer", "refused", "roomID", "call", "caller", "callee", "status", "attempt"];

function ordered(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(ordered);
  if (typeof value !== "object" || value === null) return value;
  const place = (field: string): number => (FIRST.includes(field) ? FIRST.indexOf(field) : FIRST.length);
  const fields = Object.entries(value).sort(
    ([one], [other]) => place(one) - place(other) || (one < other ? -1 : 1),
  );
  return Object.fromEntries(fields.map(([name, field]) => [name, ordered(field)]));
}

/** Whom an output is for; nothing of an effect of a handset. */
function audience({ at, to }: { at?: number; to?: Audience }): string {
  if (at === undefined) return "";
  if (!to) return "To who asked";
  if (to.room) return `To everybody in ${to.room}`;
  if (to.device) return `To ${to.user}'s ${to.device}`;
  return to.exceptDevice ? `To ${to.user}'s devices but ${to.exceptDevice}` : `To all devices of ${to.user}`;
}

function screenView({ calls, outgoing, last }: Screen): HTMLElement {
  const lines = [
    ...calls.map((call) => `${call.caller} calls: ${call.stage}`),
    ...outgoing.map((call) => `${call.callee}: ${progressWords(call.progress)}`),
    ...(calls.length === 0 && last ? [`Last: ${dismissalWords(last.why)}`] : []),
  ];
  return h(
    "div",
    { class: "phone small" },
    h("div", { class: "screen" }, ...(lines.length === 0 ? ["Nothing is on the screen."] : lines).map((line) => h("p", { class: "hint" }, line))),
  );
}
