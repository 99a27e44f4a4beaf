/** How the calls by this user stand. */
import type { EventOf } from "roomcall/client";
import type { Progress } from "roomcall";
import type { Session } from "../session.js";
import { ofProgress } from "../words.js";
import { button, byId, drawList, h } from "./dom.js";

/** Calls that are over are shown up to so many. */
const MOST = 8;
const OPEN: ReadonlySet<Progress["kind"]> = new Set(["asking", "calling", "ringing"]);

export class ProgressList {
  readonly #calls = new Map<string, EventOf<"progress">>();

  constructor(private readonly session: Session) {
    this.draw();
  }

  told(event: EventOf<"progress">): void {
    const key = JSON.stringify([event.roomID, event.callee]);
    const before = this.#calls.get(key);
    // A new call comes to the top; news of one stays where it is.
    if (!before || OPEN.has(event.progress.kind) > OPEN.has(before.progress.kind)) this.#calls.delete(key);
    this.#calls.set(key, event);
    this.draw();
  }

  draw(): void {
    const newest = [...this.#calls].reverse();
    const open = newest.filter(([, { progress }]) => OPEN.has(progress.kind));
    const over = newest.filter((it) => !open.includes(it)).slice(0, MOST);
    byId("progress-part").hidden = newest.length === 0;
    drawList(byId("progress"), [...open, ...over], {
      key: ([key]) => key,
      looks: ([, { progress }]) => JSON.stringify(progress),
      draw: ([, { roomID, callee, progress }]) => {
        const isOpen = OPEN.has(progress.kind);
        const cancel = (): void => void this.session.tap((tabs) => tabs.cancel(roomID, [callee]));
        const words = h("span", { class: "words" }, ofProgress(progress, callee), " ", h("small", {}, `into ${roomID}`));
        return h(
          "li",
          { class: `row ${isOpen ? "open" : "over"} ${progress.kind}` },
          words,
          isOpen && button("Withdraw", "cancel", cancel, { "aria-label": `Withdraw the call to ${callee}` }),
        );
      },
    });
  }
}
