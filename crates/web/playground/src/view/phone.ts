/** One phone: its screen, what its person can do, and what can be done to it. */

import type { Call, Outgoing } from "../model/screen.js";
import type { PhonePicture } from "../model/phone.js";
import { dismissalWords, loggedWords, progressWords, short } from "../model/words.js";
import { kindOf, type Variant } from "../wire.js";
import { button, h, seconds } from "./dom.js";

/** What a phone is drawn from. */
export interface PhoneView {
  index: number;
  phone: PhonePicture;
  now: number;
  room: string;
  open: readonly string[];
  /** Everybody else. */
  others: readonly string[];
}

const act = (phone: number, what: string, more: object = {}): object => ({
  type: "act",
  action: { do: what, phone, ...more },
});

const tap = (phone: number, tap: Variant): object => act(phone, "tap", { tap });

/** A phone. */
export function phoneView(view: PhoneView): HTMLElement {
  const { index, phone } = view;
  const isRinging = phone.screen.calls.some((call) => call.stage === "ringing");
  return h(
    "article",
    { class: `phone${isRinging ? " ringing" : ""}${phone.isAlive ? "" : " off"}`, "aria-label": `${phone.user}'s ${phone.device}` },
    h(
      "header",
      {},
      h("h3", {}, phone.user, h("span", {}, ` ${phone.device}`)),
      h("span", { class: "where" }, phone.room ? `in ${phone.room}` : phone.isOccupied ? "occupied" : ""),
    ),
    h("div", { class: "screen" }, ...screen(view)),
    controls(index, view),
  );
}

function screen(view: PhoneView): (HTMLElement | false)[] {
  const { phone } = view;
  if (!phone.isAlive) return [h("p", { class: "hint" }, "The app does not run.")];
  if (phone.isSignedOut) return [h("p", { class: "hint" }, "Signed out.")];
  const { calls, outgoing, list, last } = phone.screen;
  const isIdle = calls.length + outgoing.length + list.length === 0 && !last;
  return [
    ...calls.map((call) => callView(view, call)),
    calls.length === 0 && last !== null && h("p", { class: "hint", "data-key": "last" }, `Call ${short(last.attempt)}: ${dismissalWords(last.why)}`),
    outgoing.length > 0 && h("ul", { class: "outgoing", "data-key": "outgoing" }, ...outgoing.map((call) => outgoingView(view, call))),
    phone.room !== null && list.length > 0 &&
      h("p", { class: "hint", "data-key": "list" }, `The room's list: ${list.map(({ callee, status }) => `${callee} ${status}`).join(", ")}`),
    isIdle && h("p", { class: "hint", "data-key": "idle" }, phone.isReady ? "Nothing rings." : phone.isUp ? "Asks what rings." : "No connection."),
    ...logView(view),
    phone.room !== null && callButtons(view),
  ];
}

function callView({ index, now }: PhoneView, call: Call): HTMLElement {
  const { attempt, stage } = call;
  const left = call.until === null ? "without end" : `${Math.max(0, Math.ceil((call.until - now) / 1000))}\u00a0s\u00a0left`;
  const open = stage === "ringing" || stage === "waiting";
  const stages: Record<string, string> = {
    ringing: "ringing",
    waiting: "waiting",
    accepting: "accepting …",
    rejecting: "rejecting …",
  };
  return h(
    "section",
    { class: `call ${stage}`, "data-key": `call-${attempt}`, "aria-label": `Call from ${call.caller}` },
    h("p", { class: "who" }, h("b", {}, call.caller), ` calls into ${call.roomID}`),
    h("p", { class: "stage" }, `${stages[stage] ?? stage} · call ${short(attempt)} · ${left}`),
    open &&
      h(
        "p",
        { class: "buttons" },
        button("Accept", tap(index, { accept: { attempt } }), { class: "yes" }),
        button("Reject", tap(index, { reject: { attempt, reason: "rejected" } }), { class: "no" }),
        button("Busy", tap(index, { reject: { attempt, reason: "busy" } })),
        stage === "ringing" && button("Silence", tap(index, { silence: { attempt } })),
        button("Hide", tap(index, { rejectHere: { attempt } })),
      ),
  );
}

function outgoingView({ index }: PhoneView, { callee, roomID, progress }: Outgoing): HTMLElement {
  const isLive = ["asking", "calling", "ringing"].includes(kindOf(progress));
  return h(
    "li",
    { "data-key": `to-${callee}` },
    h("span", {}, h("b", {}, callee), `: ${progressWords(progress)}`),
    isLive && button("Cancel", tap(index, { cancel: { roomID, userIDList: [callee] } })),
  );
}

/** What is news is above what was seen: entries come in the order of their numbers. */
function logView({ index, phone }: PhoneView): (HTMLElement | false)[] {
  const { log, seen } = phone.screen;
  if (log.length === 0) return [];
  const unseen = log.filter((entry) => entry.isNews && entry.number > seen).length;
  const newest = log[log.length - 1]!.number;
  return [
    h(
      "details",
      { class: "calls", "data-key": "log" },
      h("summary", {}, "Calls", unseen > 0 && h("span", { class: "badge", "aria-label": `${unseen} missed` }, unseen)),
      h("ol", {}, ...[...log].reverse().map(({ number, caller, text }) => h("li", { "data-key": `log-${number}` }, `${caller}: ${loggedWords(text)}`))),
      newest > seen && button("Seen", tap(index, { markSeen: { upTo: newest } })),
    ),
  ];
}

function callButtons({ index, phone, others }: PhoneView): HTMLElement {
  const call = (users: readonly string[]): Variant => ({
    call: { roomID: phone.room, userIDList: users, timeout: 30, extensionInfo: "" },
  });
  return h(
    "p",
    { class: "buttons", "data-key": "call" },
    ...others.map((user) => button(`Call ${user}`, tap(index, call([user])))),
    others.length > 1 && button("Call all", tap(index, call(others))),
  );
}

function controls(index: number, { phone, room, open }: PhoneView): HTMLElement {
  const { isAlive, isUp, isCut, isSignedOut, isOccupied } = phone;
  const roomButton = phone.room
    ? button(`Leave ${phone.room}`, act(index, "leave"))
    : button(`Go into ${room}`, act(index, "enter", { room }), { disabled: !isAlive || !open.includes(room) });
  return h(
    "div",
    {},
    h(
      "p",
      { class: "controls" },
      isAlive ? button("Kill", act(index, "kill")) : button("Start", act(index, "start")),
      isCut || !isUp
        ? button("Connect", act(index, "connect"), { disabled: isSignedOut || !isAlive })
        : button("Cut link", act(index, "cut")),
      button("Push", act(index, "push"), { title: "Sends the last ring for this user by the push service" }),
    ),
    h(
      "details",
      { class: "more" },
      h("summary", {}, "More"),
      h(
        "p",
        { class: "controls" },
        roomButton,
        button(isOccupied ? "Free" : "Occupy", act(index, "occupy", { isOccupied: !isOccupied }), { disabled: !isAlive || isSignedOut }),
        button("Sign out", act(index, "signOut"), { disabled: !isAlive || isSignedOut }),
      ),
    ),
  );
}

/** The time at which something is over, for the switchboard's list. */
export const untilWords = (until: number | null): string => (until === null ? "without end" : `until ${seconds(until)}`);
