/** The calls to this user on the screen: the one to be answered as a sheet, the others below it. */
import type { CallRejectionReason } from "roomcall";
import type { ShownCall } from "roomcall/client";
import type { Session } from "../session.js";
import { button, byId, drawList, h, setText } from "./dom.js";

const STAGES = {
  ringing: "",
  waiting: "Waits, without a sound.",
  accepting: "Accepting …",
  rejecting: "Rejecting …",
};

export class Sheet {
  readonly #sheet = byId("sheet");
  readonly #waiting = byId("waiting");
  /** When the time of a call is up, by `performance.now()`; null for never. */
  readonly #deadlines = new Map<number, number | null>();
  /** Where the focus was before the sheet took it. */
  #before: HTMLElement | null = null;

  constructor(private readonly session: Session) {
    this.#sheet.replaceChildren();
    this.#waiting.replaceChildren();
    this.#sheet.hidden = true;
  }

  /** A call came onto the screen. */
  shown(attempt: number, timeLeft: number | null): void {
    this.#deadlines.set(attempt, timeLeft === null ? null : performance.now() + timeLeft);
  }

  draw(): void {
    const { calls } = this.session;
    const first = calls.find(({ stage }) => stage !== "waiting") ?? calls[0];
    const rest = calls.filter((call) => call !== first);
    const isNew = first !== undefined && this.#sheet.dataset["attempt"] !== String(first.call.attempt);
    if (isNew) this.#open(first);
    if (first) this.#update(first);
    else this.#close();
    drawList(this.#waiting, rest, {
      key: ({ call }) => String(call.attempt),
      looks: ({ stage }) => stage,
      draw: (it) => {
        const { caller, roomID } = it.call;
        const words = h("span", {}, `${caller} calls you into ${roomID}. ${STAGES[it.stage]}`);
        return h("li", { class: "row" }, words, this.#answers(it, false));
      },
    });
    const ringing = calls.find(({ stage }) => stage === "ringing");
    const words = ringing ? `${ringing.call.caller} calls you into ${ringing.call.roomID}.` : "";
    setText(byId("announce"), words);
  }

  /** Each second: how long it still rings. */
  tick(): void {
    const attempt = Number(this.#sheet.dataset["attempt"]);
    const deadline = this.#deadlines.get(attempt);
    const left = this.#sheet.querySelector(".left");
    if (!left) return;
    const seconds = deadline == null ? null : Math.max(0, Math.ceil((deadline - performance.now()) / 1000));
    setText(left, seconds === null ? "" : `${seconds} s left`);
  }

  #open({ call }: ShownCall): void {
    const { attempt, caller, roomID, extensionInfo } = call;
    const hadFocus = this.#sheet.contains(document.activeElement);
    this.#sheet.dataset["attempt"] = String(attempt);
    this.#sheet.replaceChildren(
      h("p", { class: "who", id: "sheet-title" }, h("strong", {}, caller), " calls you into ", h("strong", {}, roomID)),
      ...(extensionInfo === "" ? [] : [h("blockquote", {}, extensionInfo)]),
      h("p", { class: "state" }, h("span", { class: "stage" }), h("span", { class: "left" })),
      h("div", { class: "answers" }),
    );
    this.#sheet.hidden = false;
    if (!hadFocus && this.#before === null) this.#before = document.activeElement as HTMLElement | null;
    // Not a button: somebody who types must not answer a call by that.
    this.#sheet.focus();
    this.tick();
  }

  #update(it: ShownCall): void {
    const { stage } = it;
    if (this.#sheet.dataset["stage"] === stage && this.#sheet.querySelector(".answers")?.hasChildNodes()) return;
    const hadFocus = this.#sheet.contains(document.activeElement);
    this.#sheet.dataset["stage"] = stage;
    setText(this.#sheet.querySelector(".stage")!, STAGES[stage]);
    this.#sheet.querySelector(".answers")!.replaceChildren(this.#answers(it, true));
    if (hadFocus && !this.#sheet.contains(document.activeElement)) this.#sheet.focus();
  }

  #close(): void {
    if (this.#sheet.hidden) return;
    const { activeElement } = document;
    const hadFocus = this.#sheet.contains(activeElement) || activeElement === document.body;
    this.#sheet.hidden = true;
    this.#sheet.replaceChildren();
    delete this.#sheet.dataset["attempt"];
    delete this.#sheet.dataset["stage"];
    if (hadFocus && this.#before?.isConnected) this.#before.focus();
    this.#before = null;
  }

  /** What a person can do with a call. */
  #answers({ call: { attempt }, stage }: ShownCall, isFirst: boolean): HTMLElement {
    const { session } = this;
    const isAnswered = stage === "accepting" || stage === "rejecting";
    const reject = (reason: CallRejectionReason) => () => void session.tap((tabs) => tabs.reject(attempt, reason));
    const silence = (): void => void session.tap((tabs) => tabs.silence(attempt));
    const off = { disabled: isAnswered };
    return h(
      "div",
      { class: "buttons" },
      button("Accept", "accept", () => void session.tap((tabs) => tabs.accept(attempt)), { class: "yes", ...off }),
      button("Reject", "reject", reject("rejected"), { class: "no", ...off }),
      button("I am busy", "busy", reject("busy"), { class: "no", ...off }),
      isFirst && stage === "ringing" && button("Silence", "silence", silence),
      button("Not here", "hide", () => void session.tap((tabs) => tabs.rejectHere(attempt)), {
        title: "Puts the call away on this device. It rings on elsewhere.",
        ...off,
      }),
    );
  }
}
