/** The pending list of the room that this tab is in. */
import type { ListedCall } from "roomcall/client";
import type { Session } from "../session.js";
import { statusWords } from "../words.js";
import { button, byId, drawList, h } from "./dom.js";

export class PendingList {
  constructor(private readonly session: Session) {
    this.draw();
  }

  draw(): void {
    const { room, pending } = this.session;
    byId("pending-part").hidden = room === null;
    byId("pending-none").hidden = pending.length > 0;
    drawList(byId("pending"), pending, {
      key: ({ callee }) => callee,
      looks: ({ attempt, status }) => `${attempt} ${status}`,
      draw: (entry) => this.#row(entry, room ?? ""),
    });
  }

  #row({ callee, caller, status }: ListedCall, room: string): HTMLElement {
    const { session } = this;
    const isOwn = caller === session.identity.user;
    const by = isOwn ? "by you" : `by ${caller}`;
    const state = ` ${statusWords[status] ?? status} `;
    const words = h("span", { class: "words" }, h("strong", {}, callee), state, h("small", {}, by));
    const end = (): void => void session.tap((tabs) => tabs.revoke(room, [callee]));
    const again = (): void => void session.tap((tabs) => tabs.call(room, [callee]));
    return h(
      "li",
      { class: `row ${status === "calling" ? "open" : "over"}` },
      words,
      status === "calling" && !isOwn && button("End", "revoke", end, { "aria-label": `End the call to ${callee}` }),
      status !== "calling" && button("Call again", "again", again, { "aria-label": `Call ${callee} again` }),
    );
  }
}
