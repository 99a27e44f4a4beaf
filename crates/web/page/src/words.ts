/** What a person reads of each ending, progress and refusal. Each table has all kinds of its type. */
import type {
  CallStatus,
  Dismissal,
  EndingKind,
  NotSentReason,
  Progress,
  Refused,
  ReportReason,
  Withdrawn,
} from "roomcall";

/** A text for each kind, which may tell of the fields of that kind. */
type Words<T extends { kind: string }, A extends unknown[] = []> = {
  [K in T["kind"]]: (it: Extract<T, { kind: K }>, ...rest: A) => string;
};

function say<T extends { kind: string }, A extends unknown[]>(words: Words<T, A>) {
  const known = words as unknown as Record<string, ((it: T, ...rest: A) => string) | undefined>;
  // The server may be newer than this page.
  return (it: T, ...rest: A): string => known[it.kind]?.(it, ...rest) ?? `${it.kind}.`;
}

/** Why a call is not on the screen any more. */
export const ofDismissal = say<Dismissal, []>({
  signedOut: () => "You signed out of this device.",
  silenced: () => "Its time is up; how it ended is not known yet.",
  hidden: () => "Put away on this device; it may ring on your others.",
  gone: () => "It is over.",
  timedOut: () => "Nobody answered in time.",
  cancelled: () => "The caller hung up.",
  revoked: ({ operator }) => (operator ? `${operator} ended the call.` : "The host ended the call."),
  inOtherRoom: () => "It was rejected, since you are in another room.",
  rejectedElsewhere: ({ deviceID }) =>
    deviceID ? `Rejected on your device ${deviceID}.` : "Rejected on another of your devices.",
  answeredElsewhere: ({ deviceID }) =>
    deviceID ? `Answered on your device ${deviceID}.` : "Answered on another of your devices.",
  rejectedHere: () => "You rejected it.",
  answeredHere: () => "You accepted it.",
});

/** How a call by this user stands. */
export const ofProgress = say<Progress, [callee: string]>({
  asking: (_, callee) => `Asking the server to call ${callee} …`,
  alreadyInRoom: (_, callee) => `${callee} is in the room already.`,
  alreadyInCalling: (_, callee) => `${callee} is being called already, or is on the way.`,
  refused: ({ code }, callee) => `${callee} was not called: ${ofCode(code)}.`,
  notSent: (_, callee) => `${callee} was not called: there was no connection.`,
  calling: (_, callee) => `Calling ${callee} …`,
  ringing: (_, callee) => `It rings at ${callee}’s.`,
  unknown: (_, callee) => `The call to ${callee} is over; nobody remembers how it ended.`,
  timedOut: (_, callee) => `${callee} did not answer.`,
  rejected: ({ reason }, callee) => {
    if (reason === "busy") return `${callee} is busy.`;
    if (reason === "inOtherRoom") return `${callee} is in another room.`;
    return `${callee} said no.`;
  },
  cancelled: (_, callee) => `You withdrew the call to ${callee}.`,
  revoked: ({ operator }, callee) => `${operator ?? "The host"} ended the call to ${callee}.`,
  accepted: (_, callee) => `${callee} accepted.`,
});

/** Why a tapped command is not sent. */
export const notSentWords: Record<NotSentReason, string> = {
  tooMany: "Not sent: too much is unanswered. Try again when there is a connection.",
  tooOld: "Not sent: there was no connection for too long.",
  over: "Not sent: the call is over.",
  signedOut: "Not sent: you signed out of this device.",
};

/** Why a push shows no call. */
export const ofReport = say<ReportReason, []>({
  notThisUser: () => "it is for somebody else",
  hidden: () => "it was put away on this device",
  silenced: () => "its time is up",
  inRoom: () => "this device is in that room already",
  shown: () => "the call is on the screen already",
  over: ({ ending }) => `it is over. ${ofDismissal(ending)}`,
  passed: () => "it is long over",
  tooMany: () => "there are too many other calls",
  signedOut: () => "you signed out of this device",
});

/** How an entry of the call log ended. */
export const endingWords: Record<EndingKind, string> = {
  accepted: "accepted",
  rejected: "rejected",
  inOtherRoom: "missed: you were in another room",
  timedOut: "missed",
  cancelled: "missed: the caller hung up",
  revoked: "missed: the call was ended",
  entered: "you came into the room",
};

/** How an entry of a room's list stands. */
export const statusWords: Record<CallStatus, string> = {
  calling: "is being called",
  timeout: "did not answer",
  rejected: "rejected the call",
  none: "is not called any more",
};

/** What became of a cancel or revoke for one user. */
export const withdrawnWords: Record<Withdrawn, string> = {
  cancelled: "withdrawn",
  revoked: "ended",
  notCalling: "there was no call",
  notYours: "it is somebody else’s call",
  alreadyAccepted: "too late: accepted already",
  alreadyRejected: "too late: rejected already",
  alreadyTimedOut: "too late: it rang in vain",
  alreadyCancelled: "too late: withdrawn already",
  alreadyRevoked: "too late: ended already",
};

const refusalWords: Readonly<Record<string, string>> = {
  "P-01": "only who is in the room may call",
  "P-02": "only the owner and admins of the room may call",
  "P-03": "only the owner and admins of the room may end the calls of others",
  "P-05": "only who is in the room may see its list",
  "R-02": "the room is not open",
  "E-09": "the call was answered before",
  "E-10": "there is no such call any more",
  "L-02": "nobody is named",
  "L-03": "those are too many people at once",
  "L-04": "it may not ring that long",
  "L-05": "a call has to end at some time",
  "L-06": "the text is too long",
  "L-07": "too many calls ring in the room",
  "L-08": "the server has too many calls",
};

/** Why the server refuses a request. */
export function ofRefusal({ rule, message, retryAfter }: Refused): string {
  if (rule === "L-14" && retryAfter !== undefined)
    return `too many calls in a minute; again in ${Math.ceil(retryAfter / 1000)} s`;
  return refusalWords[rule] ?? message;
}

/** Why a call is refused, where only the code is known. */
export function ofCode(code: number): string {
  const codes: Readonly<Record<number, string>> = {
    [-1001]: "the server does not take such a call",
    [-2101]: "only who is in the room may call",
    [-2301]: "only the owner and admins of the room may call",
    [-2]: "there are too many calls",
    [100004]: "the room is not open",
  };
  return codes[code] ?? `refused with ${code}`;
}
