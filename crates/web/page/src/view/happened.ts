/** What happened, the newest first, each with the rule behind it. */
import { ruleLink } from "../rules.js";
import { Story, type PageEvent } from "../story.js";
import { byId, h } from "./dom.js";

const MOST = 60;

export class Happened {
  readonly #list = byId("happened");
  readonly #story = new Story();

  constructor() {
    this.#list.replaceChildren();
  }

  told(event: PageEvent): void {
    const time = new Date().toLocaleTimeString([], { hour12: false });
    const words = this.#story.tell(event);
    const isOfDevice = event.kind !== "said" && event.kind !== "pushed";
    const rule = "rule" in event ? ruleLink(event.rule) : "";
    const text = isOfDevice ? this.#raw(words, event) : h("p", {}, words);
    this.#list.prepend(h("li", {}, h("time", {}, time), text, rule));
    while (this.#list.children.length > MOST) this.#list.lastElementChild?.remove();
  }

  /** The sentence; opened, it shows what the package said. */
  #raw(words: string, event: PageEvent): HTMLElement {
    const details = h("details", {}, h("summary", {}, words));
    const open = (): void => {
      const text = JSON.stringify(event, (_, it: unknown) => (it instanceof Error ? String(it) : it), 2);
      details.append(h("pre", { tabindex: "0" }, text));
    };
    details.addEventListener("toggle", open, { once: true });
    return details;
  }
}
