/** Links to the rules behind what happens. */
import { h } from "./view/dom.js";

const RULES = "https://github.com/roomcall/roomcall/blob/main/spec/rules.md";

let known: Readonly<Record<string, { title: string; anchor: string }>> = {};

/** The build takes titles and anchors from the rules; without them links lead to the page. */
export async function loadRules(): Promise<void> {
  try {
    const response = await fetch(new URL("rules.json", document.baseURI));
    if (response.ok) known = (await response.json()) as typeof known;
  } catch {
    // A link without a title is a link.
  }
}

export function ruleLink(id: string): HTMLElement {
  const { title = "", anchor = "" } = known[id] ?? {};
  const href = anchor ? `${RULES}#${anchor}` : RULES;
  return h("a", { class: "rule", href, title: `Rule ${id} ${title}`.trim(), target: "_blank", rel: "noopener" }, id);
}
