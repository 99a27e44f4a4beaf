/** The calls to this user, with those that were missed. */
import { isMissed, ofAge, ofListed } from "../call-log.js";
import type { Session } from "../session.js";
import { byId, drawList, h, setText } from "./dom.js";

/** So many are shown. */
const MOST = 20;

export class CallList {
  constructor(private readonly session: Session, end: AbortSignal) {
    const seen = (): void => void session.tap((tabs) => tabs.markSeen(session.log.newest));
    byId("seen").addEventListener("click", seen, { signal: end });
    this.draw();
  }

  draw(): void {
    const { log } = this.session;
    const news = log.news.length;
    const badge = byId("badge");
    badge.hidden = news === 0;
    setText(byId("badge-count"), String(news));
    const seen = byId<HTMLButtonElement>("seen");
    const hadFocus = seen === document.activeElement;
    seen.hidden = news === 0;
    if (hadFocus && seen.hidden) byId("log").focus();
    byId("log-none").hidden = log.calls.length > 0;
    const now = Date.now();
    drawList(byId("log"), log.calls.slice(0, MOST), {
      key: ({ number }) => String(number),
      looks: (call) => `${ofAge(now - call.at)} ${log.isNew(call)}`,
      draw: (call) => {
        const state = log.isNew(call) ? "new" : isMissed(call) ? "missed" : "";
        const room = ` into ${call.roomID}`;
        return h(
          "li",
          { class: `row entry ${state}` },
          h("span", { class: "words" }, h("strong", {}, call.caller), room, " ", h("small", {}, ofListed(call))),
          h("time", { datetime: new Date(call.at).toISOString() }, ofAge(now - call.at)),
        );
      },
    });
  }
}
