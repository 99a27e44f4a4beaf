/** What happened, in sentences. */
import type { Answer } from "roomcall";
import type { DeviceEvent } from "roomcall/client";
import { ofStop } from "./standing.js";
import { notSentWords, ofDismissal, ofProgress, ofRefusal, ofReport, statusWords, withdrawnWords } from "./words.js";

/** What the page itself does, beside what the device tells. */
export type PageEvent =
  | DeviceEvent
  | { kind: "said"; words: string }
  | { kind: "pushed"; words: string };

/** Tells of events. It remembers who called, since what ends a call names its attempt only. */
export class Story {
  readonly #calls = new Map<number, string>();

  /** A sentence or two, complete with a full stop. */
  tell(event: PageEvent): string {
    switch (event.kind) {
      case "show": {
        const { attempt, caller, roomID } = event.call;
        this.#calls.set(attempt, callOf(event.call));
        const calls = `${caller} calls you into ${roomID}`;
        if (event.stage === "ringing") return `It rings: ${calls}.`;
        return event.stage === "waiting" ? `Without a sound, ${calls}.` : `${calls}.`;
      }
      case "update":
        return `${this.#call(event.attempt)}: ${stageWords[event.stage] ?? event.stage}.`;
      case "dismiss":
        return `${this.#call(event.attempt)} leaves the screen. ${ofDismissal(event.why)}`;
      case "learned":
        return `${callOf(event)}, which is not on the screen, is over. ${ofDismissal(event.why)}`;
      case "report":
        return `A push shows no new call of ${event.call.caller}: ${ofReport(event.why).replace(/\.$/, "")}.`;
      case "join":
        return `Your answer stands: this device enters ${event.roomID}.`;
      case "progress":
        return ofProgress(event.progress, event.callee);
      case "listed":
        return `In the room’s list: ${event.callee} ${statusWords[event.status] ?? event.status} (by ${event.caller}).`;
      case "unlisted":
        return `${event.callee} leaves the room’s list.`;
      case "roomChanged":
        return event.roomID === null ? "The device is in no room." : `The device is in ${event.roomID}.`;
      case "logged":
        return `${event.isNews ? "You missed a call" : "The call log has a call"} of ${event.entry.caller}.`;
      case "seen":
        return "The list of calls was seen.";
      case "answered":
        return event.result.kind === "refused"
          ? `The server refuses: ${ofRefusal(event.result.refused)}.`
          : ofAnswer(event.result.answer);
      case "notSent":
        return notSentWords[event.why] ?? "Not sent.";
      case "connected":
        return "Connected.";
      case "disconnected": {
        const why = event.reason || (event.code === null ? "it broke" : `code ${event.code}`);
        return `The connection is gone: ${why.replace(/\.$/, "")}. Next try in ${(event.retryIn / 1000).toFixed(1)} s.`;
      }
      case "stopped":
        return `${ofStop(event.code, event.reason)}.`;
      case "storageFailed":
        return "The browser could not save the state of this device.";
      case "said":
      case "pushed":
        return event.words;
    }
  }

  #call(attempt: number): string {
    return this.#calls.get(attempt) ?? `Call ${attempt}`;
  }
}

const stageWords = {
  ringing: "it rings",
  waiting: "it waits, without a sound",
  accepting: "accepting",
  rejecting: "rejecting",
};

const resultWords = {
  success: "called",
  alreadyInCalling: "called by somebody already",
  alreadyInRoom: "in the room already",
};

function callOf({ caller, roomID }: { caller: string; roomID: string }): string {
  return `The call of ${caller} into ${roomID}`;
}

function ofAnswer(answer: Answer): string {
  switch (answer.kind) {
    case "callUserToRoom": {
      return `The server answers: ${list(answer.results, (result) => resultWords[result])}.`;
    }
    case "cancelCall":
    case "revokeCall":
      return `The server answers: ${list(answer.results, (result) => withdrawnWords[result])}.`;
    case "markCallsSeen":
      return "Your other devices know that you have seen the list.";
    default:
      return "The server answers.";
  }
}

function list<T>(results: Record<string, T>, word: (result: T) => string | undefined): string {
  return Object.entries(results).map(([user, it]) => `${user}: ${word(it) ?? String(it)}`).join(", ");
}
