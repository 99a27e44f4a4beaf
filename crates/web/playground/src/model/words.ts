/** What a handset does, and what a message is, in words. */

import { bodyOf, kindOf, type Effect, type Refused, type Variant } from "../wire.js";
import type { Body } from "./network.js";

/** A number of a call that people can read: those of a switchboard that lost its state are long. */
export const short = (attempt: number): string =>
  attempt < 1_000_000 ? `${attempt}` : `…${String(attempt).slice(-3)}`;

const ENDINGS: Record<string, string> = {
  signedOut: "signed out",
  silenced: "silenced by its own clock",
  hidden: "hidden on this device",
  gone: "over, and nobody says how",
  timedOut: "nobody answered",
  cancelled: "cancelled",
  revoked: "revoked",
  inOtherRoom: "in another room",
  rejectedElsewhere: "rejected elsewhere",
  answeredElsewhere: "answered elsewhere",
  rejectedHere: "rejected here",
  answeredHere: "answered here",
  accepted: "accepted",
  rejected: "rejected",
  entered: "came in by another way",
};

/** Why a call is not on the screen. */
export function dismissalWords(why: Variant): string {
  const [kind, body] = [kindOf(why), bodyOf(why)];
  const words = ENDINGS[kind] ?? kind;
  if (body.deviceID) return words.replace("elsewhere", `on ${body.deviceID}`);
  if (kind === "revoked") return `revoked by ${body.operator ?? "the backend"}`;
  return words;
}

const PROGRESS: Record<string, string> = {
  asking: "asking …",
  alreadyInRoom: "in the room already",
  alreadyInCalling: "called already",
  notSent: "not called",
  calling: "calling …",
  ringing: "ringing",
  unknown: "unknown",
  timedOut: "no answer",
  cancelled: "cancelled",
  accepted: "accepted",
};

/** How a call by the user stands. */
export function progressWords(progress: Variant): string {
  const [kind, body] = [kindOf(progress), bodyOf(progress)];
  if (kind === "rejected") {
    const reasons: Record<string, string> = { inOtherRoom: "in another room", busy: "busy" };
    return reasons[body.reason] ?? "rejected";
  }
  if (kind === "revoked") return dismissalWords(progress);
  if (kind === "refused") return `refused, code ${body.code}`;
  return PROGRESS[kind] ?? kind;
}

/** An entry of the list of calls. */
export const loggedWords = (text: Variant): string =>
  kindOf(text) === "tries"
    ? `tried ${bodyOf(text) === 1 ? "once" : `${bodyOf(text)} times`}`
    : (ENDINGS[bodyOf(text).how] ?? bodyOf(text).how);

const REQUESTS: Record<string, string> = {
  callUserToRoom: "call",
  cancelCall: "cancel",
  revokeCall: "revoke",
  acceptCall: "accept",
  rejectCall: "reject",
  markCallsSeen: "seen",
  ringing: "it rings",
  getMyCalls: "which calls?",
  getPendingCalls: "the list?",
  getCallLog: "the log?",
};

const EVENTS: Record<string, string> = {
  onCallReceived: "ring",
  onCallCancelled: "cancelled",
  onCallRevokedByAdmin: "revoked",
  onCallTimeout: "timed out",
  onCallRinging: "it rings",
  onCallNotJoined: "did not come",
  onCallAccepted: "accepted",
  onCallRejected: "rejected",
  onCallHandledByOtherDevice: "handled elsewhere",
  onPendingCallChanged: "list: changed",
  onPendingCallRemoved: "list: removed",
  onCallsSeen: "log seen",
};

const ANSWERS: Record<string, string> = {
  getMyCalls: "snapshot",
  getPendingCalls: "the list",
  getCallLog: "the log",
  acceptCall: "yes, accepted",
  rejectCall: "yes, rejected",
};

/** The name of a request, without what is around it. */
export const requestName = (request: Variant): string => {
  const kind = kindOf(bodyOf(request));
  return REQUESTS[kind] ?? kind;
};

/** What stands on a message. */
export function bodyName(body: Body): string {
  switch (body.is) {
    case "request":
      return requestName(body.request);
    case "notice":
      return EVENTS[kindOf(body.event)] ?? kindOf(body.event);
    case "reply": {
      if (body.reply["refused"]) return "refused";
      const kind = kindOf(body.reply["answer"]);
      return ANSWERS[kind] ?? "answer";
    }
    case "push":
      return "push";
    case "door":
      return "goes in";
  }
}

const refusedWords = (refused: Refused): string => `refused: ${refused.message} (${refused.rule})`;

/** What an effect of a handset is, after the name of the phone. */
export function effectWords({ effect }: Effect): string {
  const [kind, body] = [kindOf(effect), bodyOf(effect)];
  const call = body.attempt ? `call ${short(body.attempt)}` : "the call";
  switch (kind) {
    case "show":
      return `shows call ${short(body.call.attempt)} from ${body.call.caller}: ${body.stage}`;
    case "update":
      return `changes ${call}: ${body.stage}`;
    case "dismiss":
      return `takes ${call} off the screen: ${dismissalWords(body.why)}`;
    case "report":
      return `answers the push for call ${short(body.call.attempt)} without showing it: ${reportWords(body.why)}`;
    case "learned":
      return `learns of ${call} from ${body.caller}: ${dismissalWords(body.why)}`;
    case "join":
      return `goes into ${body.roomID}`;
    case "progress":
      return `says of ${body.callee}: ${progressWords(body.progress)}`;
    case "listed":
      return `lists ${body.callee}, called by ${body.caller}: ${body.status}`;
    case "unlisted":
      return `takes ${body.callee} off the room's list`;
    case "logged": {
      const { caller, ended, tries } = body.entry;
      const text = loggedWords(ended ? { ended } : { tries });
      return `adds to its list of calls: ${caller}, ${text}${body.isNews ? ", which is news" : ""}`;
    }
    case "seen":
      return "clears the badge of its list of calls";
    case "answered":
      return "refused" in body.result
        ? `is ${refusedWords(body.result.refused)}`
        : `has an answer to request ${body.requestID}`;
    case "notSent":
      return `does not send ${REQUESTS[kindOf(body.command)] ?? kindOf(body.command)}: ${NOT_SENT[body.why] ?? body.why}`;
    case "send": {
      const number = body.requestID === undefined ? "" : `, request ${body.requestID}`;
      return `sends “${requestName(body.request)}”${number}`;
    }
    default:
      return kind;
  }
}

const NOT_SENT: Record<string, string> = {
  tooMany: "too many others are unanswered",
  tooOld: "it could not be sent for too long",
  over: "the call is over",
  signedOut: "the user signed out",
};

function reportWords(why: Variant): string {
  const [kind, body] = [kindOf(why), bodyOf(why)];
  const words: Record<string, string> = {
    notThisUser: "it is for another user",
    inRoom: "this device is in the room",
    shown: "it is on the screen already",
    passed: "a snapshot settled it",
    tooMany: "too many calls are known",
  };
  return kind === "over" ? `it is over, ${dismissalWords(body.ending)}` : (words[kind] ?? dismissalWords(why));
}

/** What a person does. */
export function tapWords(tap: Variant): string {
  const [kind, body] = [kindOf(tap), bodyOf(tap)];
  const users = (body.userIDList ?? []).join(", ");
  const words: Record<string, string> = {
    accept: "“Accept”",
    reject: body.reason === "busy" ? "“Busy”" : "“Reject”",
    silence: "“Silence”",
    rejectHere: "“Not on this device”",
    call: `“Call ${users}”`,
    cancel: `“Cancel the call to ${users}”`,
    revoke: `“Revoke the call to ${users}”`,
    markSeen: "“Seen”",
  };
  return words[kind] ?? kind;
}
