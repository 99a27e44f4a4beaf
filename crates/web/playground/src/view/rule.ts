/** Rules: a link to each one's text, and the texts of those behind a step. */

import { h } from "./dom.js";

/** A rule as the build takes it from `spec/rules.md`. */
export interface Rule {
  title: string;
  anchor: string;
  text: string;
}

const RULES = "https://github.com/roomcall/roomcall/blob/main/spec/rules.md";

let rules: Record<string, Rule> = {};

/** The rules are there. */
export const setRules = (all: Record<string, Rule>): void => {
  rules = all;
};

/** A link to a rule. */
export function ruleLink(id: string, withTitle = false): HTMLElement {
  const rule = rules[id];
  const href = rule ? `${RULES}#${rule.anchor}` : RULES;
  const title = rule?.title ?? "a rule that this playground does not know";
  return h("a", { class: "rule", href, title, rel: "noopener" }, withTitle ? `${id} ${title}` : id);
}

/** A text in which each rule is a link. */
export function withRules(text: string): (Node | string)[] {
  return text.split(/\b([A-Z]-\d\d)\b/).map((part, at) => (at % 2 === 1 ? ruleLink(part) : part));
}

/** The text of a rule: what stands between backticks is code. */
const prose = (text: string): (Node | string)[] =>
  text.split("`").flatMap((part, at) => (at % 2 === 1 ? [h("code", {}, part)] : withRules(part)));

/** The rules behind something, each to be opened. */
export function rulesPanel(ids: readonly string[]): HTMLElement {
  const known = ids.filter((id) => rules[id]);
  if (known.length === 0) return h("p", { class: "quiet" }, "No rule is named here.");
  return h(
    "ul",
    { class: "rules" },
    ...known.map((id) => {
      const rule = rules[id]!;
      return h(
        "li",
        { "data-key": id },
        h(
          "details",
          {},
          h("summary", {}, h("b", {}, id), ` ${rule.title}`),
          h("p", {}, ...prose(rule.text), " ", h("a", { href: `${RULES}#${rule.anchor}`, rel: "noopener" }, "In the rules")),
        ),
      );
    }),
  );
}
