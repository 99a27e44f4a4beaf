// Generated from the schema by `cargo run -p roomcall-schema`.

/** How many live calls a user may have. */
export type ActiveCalls =
  /** One. */
  | "perUser"
  /** One in each room. */
  | "perRoom";

/** Who acts. */
export type Actor =
  /** A user on one device. */
  | {
      /** The user's id. */
      user: string;
      /** The device's id. */
      device: string;
    }
  /** The application's own backend. */
  | "backend";

/** An answer, by what was asked. */
export type Answer =
  /** What came of a fact. */
  | {
      kind: "fact";
      /** The rule by which it changed nothing. */
      ignored?: string;
      /** The limit that it is over. */
      limit?: ExceededLimit;
      /** The number of the opening of its room, if the room is open then. */
      opening?: number;
    }
  /** By user. */
  | {
      kind: "callUserToRoom";
      /** By user. */
      results: Record<string, CallResult>;
    }
  /** By user. */
  | {
      kind: "cancelCall";
      /** By user. */
      results: Record<string, Withdrawn>;
    }
  /** By user. */
  | {
      kind: "revokeCall";
      /** By user. */
      results: Record<string, Withdrawn>;
    }
  /** Which. */
  | {
      kind: "acceptCall";
      /** Its number. */
      attempt: number;
    }
  /** Which. */
  | {
      kind: "rejectCall";
      /** Its number. */
      attempt: number;
    }
  /** A page. */
  | {
      kind: "getPendingCalls";
      /** In order of attempts. */
      calls: PendingCall[];
      /** Where the next page begins; empty if there is none. */
      nextCursor: string;
      /** Whose calls they are; everybody's if left out. */
      scope?: Scope;
    }
  /** What rings. */
  | {
      kind: "getIncomingCalls";
      /** In order of attempts. */
      calls: LiveCall[];
      /** Of two such answers that with the higher one is the newer. */
      revision: number;
      /** With `since`: what ended after that. */
      ended?: EndedCall[];
      /** With `since`: the last attempt made. */
      lastAttempt?: number;
    }
  /** The calls to and by the user. */
  | {
      kind: "getMyCalls";
      /** What rings for the user, in order of attempts. */
      incoming: LiveCall[];
      /** What rings for others because the user called, in order of attempts. */
      outgoing: LiveCall[];
      /** What ended after `since`, in order of attempts. */
      endings: MyEnding[];
      /** Whether there are further endings: those after `lastAttempt`. */
      more: boolean;
      /** The attempt after which it was asked. */
      since: number;
      /** The last attempt made, or, if there are more endings, that of the last one here. */
      lastAttempt: number;
      /** Of two such answers that with the higher one is the newer. */
      revision: number;
      /** The number of the newest entry of the user's call log, 0 if there is none; left out where nothing is logged. */
      lastLogged?: number;
      /** Up to which entry the user has seen it; left out where nothing is logged. */
      seen?: number;
    }
  /** Entries of the user's call log. */
  | {
      kind: "getCallLog";
      /** By their numbers. */
      entries: LogEntry[];
      /** Whether there are further entries: those after `lastLogged`. */
      more: boolean;
      /** The number after which it was asked. */
      since: number;
      /** The number of the newest entry, 0 if there is none, or, if there are more, that of the last one here. */
      lastLogged: number;
      /** Up to which entry the user has seen them. */
      seen: number;
      /** Of two such answers that with the higher one is the newer. */
      revision: number;
    }
  /** Up to which entry they are seen now. */
  | {
      kind: "markCallsSeen";
      /** The number of the entry, 0 if none. */
      seen: number;
    }
  /** Whether it was heard. */
  | {
      kind: "ringing";
      /** Its number. */
      attempt: number;
      /** Whether it rings for the user, and its caller knows then that it does. */
      rung: boolean;
    }
  /** Which calls ended. */
  | {
      kind: "revokeUserCalls";
      /** Their numbers, in order. */
      attempts: number[];
      /** Whether there are more: ask again. */
      more: boolean;
    }
  /** A page of the live calls of a user. */
  | {
      kind: "getUserCalls";
      /** In order of attempts. */
      calls: LiveCall[];
      /** Where the next page begins; empty if there is none. */
      nextCursor: string;
      /** Of two such answers that with the higher one is the newer. */
      revision: number;
    }
  /** A page of all live calls. */
  | {
      kind: "getLiveCalls";
      /** In order of attempts. */
      calls: LiveCall[];
      /** Where the next page begins; empty if there is none. */
      nextCursor: string;
      /** Of two such answers that with the higher one is the newer. */
      revision: number;
    };

/** Why a call is rejected. */
export type CallRejectionReason =
  /** The person said no. */
  | "rejected"
  /** The callee is in another room. */
  | "inOtherRoom"
  /** The person is busy. */
  | "busy";

/** What became of a call for one user. */
export type CallResult =
  /** It rings. */
  | "success"
  /** The user is called already. */
  | "alreadyInCalling"
  /** The user is in the room already. */
  | "alreadyInRoom";

/** How a call stands. */
export type CallStatus =
  /** There is no call, or no longer one. */
  | "none"
  /** The callee's devices ring. */
  | "calling"
  /** Nobody answered in time. */
  | "timeout"
  /** The callee said no, or was in another room. */
  | "rejected";

/** What becomes of the calls of a caller who leaves. */
export type CallerLeft =
  /** They ring on. */
  | "keepRinging"
  /** They are cancelled. */
  | "cancelCalls"
  /** All calls of a room are cancelled when nobody is left in it. */
  | "cancelIfRoomEmpty";

/** Something to be done. */
export type Command =
  /** Calls users into a room. */
  | {
      kind: "callUserToRoom";
      /** Into which room. */
      roomID: string;
      /** Whom. */
      userIDList: string[];
      /** On whose behalf the backend calls; nobody else may say it. */
      caller?: string;
      /** A text that goes with the call. */
      extensionInfo?: string;
      /** For so many seconds, 30 if left out; 0 for without end, where that is allowed. */
      timeout?: number;
    }
  /** The caller withdraws calls. */
  | {
      kind: "cancelCall";
      /** Into which room. */
      roomID: string;
      /** Whose. */
      userIDList: string[];
    }
  /** The owner, an admin or the backend ends calls. */
  | {
      kind: "revokeCall";
      /** Into which room. */
      roomID: string;
      /** Whose. */
      userIDList: string[];
    }
  /** Accepts a call. To go into the room is another matter. */
  | {
      kind: "acceptCall";
      /** Into which room. */
      roomID: string;
      /** The attempt that is meant; without it the one that rings. */
      attempt?: number;
    }
  /** Rejects a call. */
  | {
      kind: "rejectCall";
      /** Into which room. */
      roomID: string;
      /** The attempt that is meant; without it the one that rings. */
      attempt?: number;
      /** Why. */
      reason?: CallRejectionReason;
    }
  /** The backend ends the calls of a user in whatever room. */
  | {
      kind: "revokeUserCalls";
      /** Whose. */
      userID: string;
      /** Which of them. */
      which: Which;
    }
  /** The entries of the user's call log were seen. */
  | {
      kind: "markCallsSeen";
      /** Those up to this number; one above them all means all. */
      upTo: number;
    }
  /** The device shows a call to its user. It needs no number. */
  | {
      kind: "ringing";
      /** Its number. */
      attempt: number;
    };

/** Why a call is not on the screen: an ending as this device sees it, or that none is known (D-04). */
export type Dismissal =
  /** The user signed out of this device (D-33). */
  | {
      kind: "signedOut";
    }
  /** This device's own clock silenced it: no ending is claimed (D-13). */
  | {
      kind: "silenced";
    }
  /** The person hid it on this device: it may ring on elsewhere (D-30). */
  | {
      kind: "hidden";
    }
  /** It is over, and nobody says how. */
  | {
      kind: "gone";
    }
  /** Nobody answered in time. */
  | {
      kind: "timedOut";
    }
  /** The caller withdrew it. */
  | {
      kind: "cancelled";
    }
  /** It was ended by force. */
  | {
      kind: "revoked";
      /** By which user; none for the backend. */
      operator: string | null;
    }
  /** The switchboard rejected it, as the user is in another room. */
  | {
      kind: "inOtherRoom";
    }
  /** Another device of the user rejected it. */
  | {
      kind: "rejectedElsewhere";
      /** Which device, if the switchboard names it. */
      deviceID: string | null;
    }
  /** Another device of the user accepted it, or entered the room. */
  | {
      kind: "answeredElsewhere";
      /** Which device, if the switchboard names it. */
      deviceID: string | null;
    }
  /** This device rejected it. */
  | {
      kind: "rejectedHere";
    }
  /** This device accepted it, or is in the room. */
  | {
      kind: "answeredHere";
    };

/** One thing for the app to do. The effects of a step come in the order of D-03. */
export type Effect =
  /** Takes a call off the screen (D-09). */
  | {
      kind: "dismiss";
      /** Which attempt. */
      attempt: number;
      /** Why. */
      why: Dismissal;
    }
  /** A call on the screen changes its stage (D-09). */
  | {
      kind: "update";
      /** Which attempt. */
      attempt: number;
      /** The new stage. */
      stage: Stage;
    }
  /** Puts a call on the screen (D-09). */
  | {
      kind: "show";
      /** The call. */
      call: IncomingCall;
      /** The stage: ringing or waiting; any where the screen is drawn anew. */
      stage: Stage;
      /** Milliseconds until its deadline; none for never. */
      timeLeft: number | null;
    }
  /** A push shows no call (D-29), or a ring came for a call that is over (D-06): an operating system that requires a report of a call for each push gets the report and its end at once. */
  | {
      kind: "report";
      /** The call. */
      call: IncomingCall;
      /** Why nothing is shown. */
      why: ReportReason;
    }
  /** A call that was not on the screen turns out to be over, without a sound (D-10). */
  | {
      kind: "learned";
      /** Which attempt. */
      attempt: number;
      /** Into which room. */
      roomID: string;
      /** Who called. */
      caller: string;
      /** How it ended. */
      why: Dismissal;
    }
  /** This device's accept stands: enter the room (D-12). */
  | {
      kind: "join";
      /** Which room. */
      roomID: string;
    }
  /** The state of a call by this user changes (D-21). */
  | {
      kind: "progress";
      /** Into which room. */
      roomID: string;
      /** Who is called. */
      callee: string;
      /** The attempt that it is about; none while asking, and of what a tap came to without one. */
      attempt: number | null;
      /** The state. */
      progress: Progress;
    }
  /** An entry of the pending list of the room that this device is in is new or changes (D-22). */
  | {
      kind: "listed";
      /** Who is called. */
      callee: string;
      /** Who called. */
      caller: string;
      /** Which attempt. */
      attempt: number;
      /** The status. */
      status: CallStatus;
    }
  /** The entry of a callee leaves that list (D-22). */
  | {
      kind: "unlisted";
      /** Who was called. */
      callee: string;
      /** Which attempt. */
      attempt: number;
    }
  /** The user's call log has an entry that this device had not read: one for the list of calls, each once (D-35). */
  | {
      kind: "logged";
      /** The entry. */
      entry: LogEntry;
      /** Whether it is a missed call that the user does not know of: one for a notification. */
      isNews: boolean;
    }
  /** The user has seen the entries of the call log up to this one, here or elsewhere: a badge is cleared (D-36). */
  | {
      kind: "seen";
      /** The number of the entry. */
      upTo: number;
    }
  /** The reply to a tapped call, cancel, revoke or mark (D-20, D-36). */
  | {
      kind: "answered";
      /** The number of the request. */
      requestID: number;
      /** The answer or the refusal. */
      result: RequestResult;
    }
  /** A tapped command is not sent, and will not be (D-11, D-18, D-20). */
  | {
      kind: "notSent";
      /** The command. */
      command: Command;
      /** Why. */
      why: NotSentReason;
    }
  /** Sends a request to the switchboard (D-15). */
  | {
      kind: "send";
      /** The request. */
      request: Request;
      /** Its number; the same each time that the same request is sent. None of `ringing` (D-37). */
      requestID?: number;
    };

/** How a call ended, and by whom. */
export interface EndedBy {
  /** How. */
  how: EndingKind;
  /** Its number. */
  attempt: number;
  /** On which device, if on one of the user who is told. */
  deviceID?: string;
  /** Who ended it, if anybody did. */
  user?: string;
}

/** A call that is over. */
export interface EndedCall {
  /** Into which room. */
  roomID: string;
  /** Who called. */
  caller: string;
  /** How it ended. */
  how: EndingKind;
  /** Its number. */
  attempt: number;
  /** On which device, if on one of the user who is told. */
  deviceID?: string;
  /** Who ended it, if anybody did. */
  user?: string;
}

/** The endings of a call. */
export type EndingKind =
  /** The callee said yes. */
  | "accepted"
  /** The callee said no. */
  | "rejected"
  /** The callee is in another room. */
  | "inOtherRoom"
  /** Nobody answered in time. */
  | "timedOut"
  /** The caller withdrew it. */
  | "cancelled"
  /** The owner, an admin or the backend ended it. */
  | "revoked"
  /** The callee came in by another way. */
  | "entered";

/** What happened. */
export type Event =
  /** A call rings. */
  | {
      kind: "onCallReceived";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
      /** The text that goes with it. */
      extensionInfo: string;
      /** Milliseconds that it rings; null for without end. */
      timeLeft: number | null;
    }
  /** The caller withdrew it. */
  | {
      kind: "onCallCancelled";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
    }
  /** The owner, an admin or the backend ended it. */
  | {
      kind: "onCallRevokedByAdmin";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
      /** By whom. */
      operator: Operator;
    }
  /** Nobody answered in time. */
  | {
      kind: "onCallTimeout";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
    }
  /** A device of the callee shows it. */
  | {
      kind: "onCallRinging";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
    }
  /** The callee said yes, and did not come in time. */
  | {
      kind: "onCallNotJoined";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
    }
  /** The callee said yes. */
  | {
      kind: "onCallAccepted";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
    }
  /** The callee said no. */
  | {
      kind: "onCallRejected";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
      /** Why. */
      reason: CallRejectionReason;
    }
  /** Another device of the user decided. */
  | {
      kind: "onCallHandledByOtherDevice";
      /** Into which room. */
      roomID: string;
      /** Whether the user comes. */
      isAccepted: boolean;
      /** Which call. */
      attempt: number;
      /** On which device; null if nobody decided on one. */
      deviceID: string | null;
    }
  /** The room's pending list has another entry, or one that has changed. */
  | {
      kind: "onPendingCallChanged";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
    }
  /** An entry left the room's pending list. */
  | {
      kind: "onPendingCallRemoved";
      /** Into which room. */
      roomID: string;
      /** The call. */
      call: RoomCall;
      /** Its number. */
      attempt: number;
    }
  /** Another device of the user has seen the entries of the call log. */
  | {
      kind: "onCallsSeen";
      /** Those up to this number; one above them all means all. */
      upTo: number;
    };

/** A limit that something is over. */
export interface ExceededLimit {
  /** Which. */
  name: string;
  /** How much is allowed. */
  value: number;
}

/** Something that has happened, as the backend states it. */
export type Fact =
  /** A room was opened. */
  | {
      kind: "roomOpened";
      /** The room. */
      roomID: string;
      /** Whose it is. */
      owner: string;
    }
  /** A room is no more. */
  | {
      kind: "roomDissolved";
      /** The room. */
      roomID: string;
      /** By whom; the backend if left out. */
      by?: Actor;
      /** Which opening of the room is meant; the present one if left out. */
      opening?: number;
    }
  /** A user went into a room. */
  | {
      kind: "userEntered";
      /** The room. */
      roomID: string;
      /** The user. */
      userID: string;
      /** On which device, if that is known. */
      deviceID?: string;
      /** Which opening of the room is meant; the present one if left out. */
      opening?: number;
      /** In which session, if that is known: one connection to the room. */
      sessionID?: string;
    }
  /** A user left a room, on that device and in that session. */
  | {
      kind: "userLeft";
      /** The room. */
      roomID: string;
      /** The user. */
      userID: string;
      /** On which device, if that is known. */
      deviceID?: string;
      /** Which opening of the room is meant; the present one if left out. */
      opening?: number;
      /** In which session, if that is known: one connection to the room. */
      sessionID?: string;
    }
  /** Everybody who is in a room. */
  | {
      kind: "presenceListed";
      /** The room. */
      roomID: string;
      /** A user once for each device and session. */
      present: Present[];
      /** Which opening of the room is meant; the present one if left out. */
      opening?: number;
    }
  /** A user was put out of a room, or is not to ring for it any more. */
  | {
      kind: "userRemoved";
      /** The room. */
      roomID: string;
      /** The user. */
      userID: string;
      /** By whom; the backend if left out. */
      by?: Actor;
      /** Which opening of the room is meant; the present one if left out. */
      opening?: number;
    }
  /** A user has another role in a room. */
  | {
      kind: "roleSet";
      /** The room. */
      roomID: string;
      /** The user. */
      userID: string;
      /** Which. */
      role: Role;
      /** Which opening of the room is meant; the present one if left out. */
      opening?: number;
    }
  /** A user is to be forgotten: `DELETE /v1/users/{id}` states the same. */
  | {
      kind: "userErased";
      /** The user. */
      userID: string;
    }
  /** The policy and limits are others from now on. */
  | {
      kind: "rulesChanged";
      /** What is different in the limits. */
      limits?: LimitsChange;
      /** What is different in the policy. */
      policy?: PolicyChange;
    }
  /** The state may be older than what was told. */
  | {
      kind: "recovered";
      /** No number that was ever told is above it: the time in milliseconds since 1970, times 1024. */
      floor: number;
    };

/** What a call to somebody in another room does. */
export type InOtherRoom =
  /** It is rejected. */
  | "reject"
  /** It rings. */
  | "ring";

/** A call to this user, as a screen presents it. */
export interface IncomingCall {
  /** Which attempt. */
  attempt: number;
  /** Into which room. */
  roomID: string;
  /** Who calls. */
  caller: string;
  /** The caller's text, which roomcall does not interpret. */
  extensionInfo: string;
}

/** One input of a handset. When it came is an argument of its own. */
export type Input =
  /** Nothing but time (D-02). */
  | {
      kind: "tick";
    }
  /** An event that the switchboard addressed to this device; it may come late, twice or never. */
  | {
      kind: "notice";
      /** An event that the switchboard addressed to this device; it may come late, twice or never. */
      event: Event;
    }
  /** An event that a push brought, connected or not. One that rings is answered in its step by a `show` or a `report` (D-29); another one counts as a `notice`. */
  | {
      kind: "push";
      /** The event, as the switchboard addressed it to this user. */
      event: Event;
      /** How many milliseconds ago that was, as far as the app knows; 0 if it does not. */
      age: number;
    }
  /** The answer to a request of this device; it may come late, twice or never. */
  | {
      kind: "reply";
      /** The answer to a request of this device; it may come late, twice or never. */
      reply: Reply;
    }
  /** A person's action. */
  | {
      kind: "tap";
      /** A person's action. */
      tap: Tap;
    }
  /** The connection to the switchboard comes up or goes down. Up while it is up is a new connection (D-16). */
  | {
      kind: "link";
      /** The connection to the switchboard comes up or goes down. Up while it is up is a new connection (D-16). */
      link: Link;
    }
  /** The room that this device is in now, if any (D-08). */
  | {
      kind: "inRoom";
      /** The room that this device is in now, if any (D-08). */
      roomID: string | null;
    }
  /** The app could not join the room that a `join` named (D-32). */
  | {
      kind: "joinFailed";
    }
  /** Whether something else has the device: a call of another application or of the telephone network, do not disturb. Calls do not ring then (D-31). */
  | {
      kind: "occupied";
      /** Whether something else has the device: a call of another application or of the telephone network, do not disturb. Calls do not ring then (D-31). */
      isOccupied: boolean;
    }
  /** Other intervals and bounds (D-34). */
  | {
      kind: "settings";
      /** Other intervals and bounds (D-34). */
      settings: Settings;
    }
  /** The user signed out of this device. Nothing is shown, told or sent any more (D-33). */
  | {
      kind: "signedOut";
    };

/** What happens with a ring for a call that is over (D-06). */
export type LateRing =
  /** Nothing. */
  | "ignore"
  /** A `report`, so that the call can be reported to the operating system and ended at once. */
  | "report";

/** Other limits: how much of everything there may be. */
export interface LimitsChange {
  /** Admins of a room. */
  adminsPerRoom?: number;
  /** Users in one request. */
  callees?: number;
  /** Calls that a user may make in a minute; 0 is any number. */
  callsPerMinute?: number;
  /** Remembered endings of a room. */
  endedPerRoom?: number;
  /** The longest extension text, in bytes; may only grow. */
  extensionBytes?: number;
  /** Names of one kind that the host interns. */
  heldNames?: number;
  /** The longest id, in bytes; may only grow. */
  idBytes?: number;
  /** Kept records of a room. */
  keptPerRoom?: number;
  /** Live calls in all. */
  liveCalls?: number;
  /** Live calls of a room. */
  liveCallsPerRoom?: number;
  /** Entries of all call logs. */
  loggedCalls?: number;
  /** For how many seconds an entry is given. */
  loggedFor?: number;
  /** Entries of a user's call log. */
  loggedPerUser?: number;
  /** Whether a call may ring without end. */
  never?: boolean;
  /** The largest page; may only grow. */
  pageSize?: number;
  /** Users in a room. */
  participantsPerRoom?: number;
  /** Users whose calls are counted. */
  ratedUsers?: number;
  /** Devices whose requests are remembered. */
  requesters?: number;
  /** Numbered requests of a device that are remembered. */
  requestsPerRequester?: number;
  /** Open rooms. */
  rooms?: number;
  /** The longest timeout, in seconds. */
  timeoutMax?: number;
}

/** An input as it is in a journal. */
export type Line =
  /** Nothing but time. */
  | {
      /** When, in milliseconds. */
      at: number;
      /** Nothing. */
      tick: Nothing;
    }
  /** Something that has happened. */
  | {
      /** When, in milliseconds. */
      at: number;
      /** What. */
      fact: Fact;
    }
  /** A request. */
  | {
      /** When, in milliseconds. */
      at: number;
      /** Who asks. */
      by: Actor;
      /** For what. */
      command: Command;
      /** The number of the request. */
      requestID?: number;
    }
  /** A question. */
  | {
      /** When, in milliseconds. */
      at: number;
      /** Who asks. */
      by: Actor;
      /** What. */
      query: Query;
      /** The number of the question. */
      requestID?: number;
    };

/** Whether there is a connection to the switchboard. */
export type Link =
  /** There is none: nothing is sent. */
  | "down"
  /** There is one. */
  | "up";

/** A call that rings. */
export interface LiveCall {
  /** Into which room. */
  roomID: string;
  /** Who calls. */
  caller: string;
  /** Who is called. */
  callee: string;
  /** `calling`. */
  status: CallStatus;
  /** Its number. */
  attempt: number;
  /** Milliseconds that it still rings; null for without end. */
  timeLeft: number | null;
  /** The text that goes with it. */
  extensionInfo: string;
  /** Whether a device of the callee has shown it; left out if none has. */
  rung?: boolean;
}

/** Somebody called: either `ended` or `tries` is there. */
export interface LogEntry {
  /** Its number. */
  number: number;
  /** Into which room. */
  roomID: string;
  /** Who called. */
  caller: string;
  /** How many milliseconds ago it was over, or was tried last. */
  age: number;
  /** How it ended. */
  ended?: EndedBy;
  /** How often it was tried, if it was refused since another call rang. */
  tries?: number;
}

/** Who may call. */
export type MayCall =
  /** Everybody in the room. */
  | "anyone"
  /** The owner and admins. */
  | "admins";

/** A call to or by the user that is over. */
export interface MyEnding {
  /** Into which room. */
  roomID: string;
  /** Who called. */
  caller: string;
  /** Who was called. */
  callee: string;
  /** How it ended. */
  how: EndingKind;
  /** Its number. */
  attempt: number;
  /** On which device, if on one of the user who is told. */
  deviceID?: string;
  /** Where it was rejected: why. */
  reason?: CallRejectionReason;
  /** Who ended it, if anybody did. */
  user?: string;
}

/** Why a tapped command is not sent. */
export type NotSentReason =
  /** Too many others are unanswered (D-18). */
  | "tooMany"
  /** It is a call, a cancel or a revoke that could not be sent for too long (D-20). */
  | "tooOld"
  /** It is an accept or reject of a call that is over, silenced, or in the room of this device (D-11). */
  | "over"
  /** The user signed out of this device (D-33). */
  | "signedOut";

/** An empty object. */
export interface Nothing {
}

/** Who revoked. */
export type Operator =
  /** A user. */
  | {
      /** The user's id. */
      user: string;
    }
  /** The application's own backend. */
  | "backend";

/** Which of the caller's devices are told of the outcome. */
export type OutcomesTo =
  /** The one that called. */
  | "callingDevice"
  /** All. */
  | "allDevices";

/** One message to a device. */
export type Output =
  /** To a numbered request. */
  | {
      /** The server's clock, in milliseconds since 1970. */
      at: number;
      /** The number of the request. */
      requestID: number;
      /** The answer. */
      answer: Answer;
      /** The attempt of each user of whom the answer is about one. */
      attempts?: Record<string, number>;
      /** With `getIncomingCalls` and `getMyCalls`: the lowest number that a new request may have. */
      nextRequestID?: number;
      /** Whether the request was judged before, and this is the answer that it had. */
      repeated?: boolean;
    }
  /** To a numbered request: no. */
  | {
      /** The server's clock, in milliseconds since 1970. */
      at: number;
      /** The number of the request. */
      requestID: number;
      /** Why. */
      refused: Refused;
      /** Whether the request was judged before, and this is the answer that it had. */
      repeated?: boolean;
    }
  /** To a request without a number. */
  | {
      /** The server's clock, in milliseconds since 1970. */
      at: number;
      /** The answer. */
      answer: Answer;
    }
  /** To a request without a number: no. */
  | {
      /** The server's clock, in milliseconds since 1970. */
      at: number;
      /** Why. */
      refused: Refused;
    }
  /** Something happened. */
  | {
      /** The server's clock, in milliseconds since 1970. */
      at: number;
      /** Who is told. */
      to: To;
      /** What. */
      event: Event;
      /** By which rule. */
      because: string;
      /** Whether a push is to wake the devices that are not connected: with `onCallReceived`. */
      wake?: boolean;
    };

/** An entry of a pending list. */
export interface PendingCall {
  /** Who called. */
  caller: string;
  /** Who is called. */
  callee: string;
  /** How it stands. */
  status: CallStatus;
  /** Its number. */
  attempt: number;
  /** Milliseconds that it still rings; null for without end, and where it rings no more. */
  timeLeft: number | null;
  /** The text that goes with it, for the backend and where it rings. */
  extensionInfo?: string;
}

/** Other values of the policy. */
export interface PolicyChange {
  /** How many live calls a user may have. */
  activeCalls?: ActiveCalls;
  /** What becomes of the calls of a caller who leaves. */
  callerLeft?: CallerLeft;
  /** What a call to somebody in another room does. */
  inOtherRoom?: InOtherRoom;
  /** For how many seconds who has accepted is expected in the room; 0 for not at all. */
  joinGrace?: number;
  /** Who may call. */
  mayCall?: MayCall;
  /** Which of the caller's devices are told of the outcome. */
  outcomesTo?: OutcomesTo;
}

/** Who is in a room. */
export interface Present {
  /** The user. */
  userID: string;
  /** On which device, if that is known. */
  deviceID?: string;
  /** In which session, if that is known: one connection to the room. */
  sessionID?: string;
}

/** The state of a call by this user (D-21). */
export type Progress =
  /** The switchboard has not answered yet. */
  | {
      kind: "asking";
    }
  /** The callee is in the room already. */
  | {
      kind: "alreadyInRoom";
    }
  /** Somebody is calling the callee already, or the callee has accepted and is on the way. */
  | {
      kind: "alreadyInCalling";
    }
  /** The call was refused. */
  | {
      kind: "refused";
      /** The code of the refusal. */
      code: number;
    }
  /** The call was never sent, and will not be: nobody was called (D-15, D-20). */
  | {
      kind: "notSent";
    }
  /** The callee is called, and no device has said that it rings (C-14). */
  | {
      kind: "calling";
    }
  /** A device of the callee rings. */
  | {
      kind: "ringing";
    }
  /** It was sent and abandoned, or it is over and the switchboard does not remember how it ended. */
  | {
      kind: "unknown";
    }
  /** Nobody answered in time. */
  | {
      kind: "timedOut";
    }
  /** The callee rejected it, is busy, or is in another room. */
  | {
      kind: "rejected";
      /** Which of them, once it is known. */
      reason: CallRejectionReason | null;
    }
  /** This user withdrew it. */
  | {
      kind: "cancelled";
    }
  /** It was ended by force. */
  | {
      kind: "revoked";
      /** By which user, once it is known; none for the backend, too. */
      operator: string | null;
    }
  /** The callee comes. */
  | {
      kind: "accepted";
    };

/** Something to be known. */
export type Query =
  /** A page of a room's pending list. */
  | {
      kind: "getPendingCalls";
      /** Of which room. */
      roomID: string;
      /** The most calls in it; 20 if left out. */
      count?: number;
      /** `nextCursor` of the page before; without it the first page. */
      cursor?: string;
      /** Only calls of this status. */
      status?: CallStatus;
    }
  /** What rings for the user who asks. */
  | {
      kind: "getIncomingCalls";
      /** What ended after this attempt, too. */
      since?: number;
    }
  /** The calls to and by the user who asks, and what became of those that are over. */
  | {
      kind: "getMyCalls";
      /** What ended after this attempt, too; 0 if left out. */
      since?: number;
    }
  /** The entries of the user's call log after one of them. */
  | {
      kind: "getCallLog";
      /** The most entries; 20 if left out. */
      count?: number;
      /** Those above this number; 0 if left out. */
      since?: number;
    }
  /** A page of the live calls to and by a user, for the backend. */
  | {
      kind: "getUserCalls";
      /** Whose. */
      userID: string;
      /** `nextCursor` of the page before; without it the first page. */
      cursor?: string;
      /** The most calls in it; 20 if left out. */
      pageSize?: number;
    }
  /** A page of all live calls, for the backend. */
  | {
      kind: "getLiveCalls";
      /** `nextCursor` of the page before; without it the first page. */
      cursor?: string;
      /** The most calls in it; 20 if left out. */
      pageSize?: number;
    };

/** Why a request is refused. */
export interface Refused {
  /** The number of the kind of refusal. */
  code: number;
  /** The rule that refuses; J-02 what is no request. */
  rule: string;
  /** For people; after J-02 it names the field and the column that are wrong. */
  message: string;
  /** For who was too late: what came before. */
  ended?: EndedBy;
  /** Where there is too much at once: in how many milliseconds the request may be sent again. After the rule L-15 it keeps its number. */
  retryAfter?: number;
}

/** The answer to a numbered request, or its refusal. */
export type Reply =
  /** Yes. */
  | {
      /** The number of the request. */
      requestID: number;
      /** The answer. */
      answer: Answer;
      /** The attempt of each user of whom the answer is about one. */
      attempts?: Record<string, number>;
      /** With `getIncomingCalls` and `getMyCalls`: the lowest number that a new request may have. */
      nextRequestID?: number;
      /** Whether the request was judged before, and this is the answer that it had. */
      repeated?: boolean;
    }
  /** No. */
  | {
      /** The number of the request. */
      requestID: number;
      /** Why. */
      refused: Refused;
      /** Whether the request was judged before, and this is the answer that it had. */
      repeated?: boolean;
    };

/** Why a push has no `show` (D-29). */
export type ReportReason =
  /** It is for another user: the device is signed in as somebody else. */
  | {
      kind: "notThisUser";
    }
  /** The person hid it on this device (D-30). */
  | {
      kind: "hidden";
    }
  /** Its own deadline has passed, or it had too little time left (D-06, D-13). */
  | {
      kind: "silenced";
    }
  /** This device is in the room of the call (D-08). */
  | {
      kind: "inRoom";
    }
  /** The call is on the screen already, and is not to be ended. */
  | {
      kind: "shown";
    }
  /** The call is over. */
  | {
      kind: "over";
      /** How it ended. */
      ending: Dismissal;
    }
  /** A snapshot settled the attempt, and how it ended is not remembered here any more (D-24). */
  | {
      kind: "passed";
    }
  /** Too many other calls are known (D-19). */
  | {
      kind: "tooMany";
    }
  /** The user signed out of this device (D-33). */
  | {
      kind: "signedOut";
    };

/** A request of a device. */
export type Request =
  /** To do something. */
  | {
      kind: "command";
      /** To do something. */
      command: Command;
    }
  /** To know something. */
  | {
      kind: "query";
      /** To know something. */
      query: Query;
    };

/** What a request came to. */
export type RequestResult =
  /** Yes. */
  | {
      kind: "answer";
      /** Yes. */
      answer: Answer;
    }
  /** No. */
  | {
      kind: "refused";
      /** No. */
      refused: Refused;
    };

/** What somebody is in a room. */
export type Role =
  /** Whose room it is. */
  | "owner"
  /** May revoke calls. */
  | "admin"
  /** Anybody. */
  | "participant";

/** Who called whom, and how it stands. */
export interface RoomCall {
  /** Who called. */
  caller: string;
  /** Who is called. */
  callee: string;
  /** How it stands now. */
  status: CallStatus;
}

/** Whose calls are in a page. */
export type Scope =
  /** Those to the user who asks, who is not in the room. */
  | "own";

/** The intervals and bounds of a handset. Intervals are in milliseconds. */
export interface Settings {
  /** An unanswered request is sent again after this long (D-17). */
  retryInterval: number;
  /** A snapshot is requested at least this often while there is a connection; none for a transport that loses nothing but by going down (D-16). */
  refresh: number | null;
  /** A call whose accept or reject is unanswered is silenced this long after its deadline (D-13). */
  answerGrace: number;
  /** A ring with less time left is not shown: nobody could answer it (D-06). */
  minRing: number;
  /** A call, cancel or revoke that could not be sent for this long is not sent (D-20). */
  validFor: number;
  /** After this device has answered a call, no other one begins to ring for so long, or until it is in a room (D-32). */
  joinQuiet: number;
  /** After another device of the user has answered a call, no other one begins to ring here for so long (D-32). */
  settle: number;
  /** What happens with a ring for a call that is over (D-06). */
  lateRing: LateRing;
  /** Calls to this user that are known at once (D-19). */
  calls: number;
  /** Endings that are remembered between two snapshots (D-14). */
  endings: number;
  /** How far the number of a new request may be above the lowest unanswered one (D-18). */
  requests: number;
  /** Calls by this user whose outcome is remembered (D-21). */
  outgoing: number;
  /** Entries requested with one page of the pending list (D-23). */
  page: number;
}

/** The stage of a call on the screen (D-07). */
export type Stage =
  /** It rings: the one call to be answered. */
  | "ringing"
  /** It waits behind another one. */
  | "waiting"
  /** This device's accept is unanswered. */
  | "accepting"
  /** This device's reject is unanswered. */
  | "rejecting";

/** A person's action. */
export type Tap =
  /** Accepts a call on the screen (D-11). */
  | {
      kind: "accept";
      /** Which attempt. */
      attempt: number;
    }
  /** Rejects a call on the screen (D-11). */
  | {
      kind: "reject";
      /** Which attempt. */
      attempt: number;
      /** Why. */
      reason: CallRejectionReason;
    }
  /** Silences a call on this device, which does not answer it (D-30). */
  | {
      kind: "silence";
      /** Which attempt. */
      attempt: number;
    }
  /** Hides a call on this device, which does not answer it: it rings on elsewhere (D-30). */
  | {
      kind: "rejectHere";
      /** Which attempt. */
      attempt: number;
    }
  /** Calls users into a room (D-20). */
  | {
      kind: "call";
      /** The room. */
      roomID: string;
      /** The callees. */
      userIDList: string[];
      /** How long to ring, in seconds; 0 for never ending by itself. */
      timeout: number;
      /** A text for the callees, which roomcall does not interpret. */
      extensionInfo: string;
    }
  /** Withdraws this user's calls (D-20). */
  | {
      kind: "cancel";
      /** The room. */
      roomID: string;
      /** The callees. */
      userIDList: string[];
    }
  /** Ends anybody's calls, as owner or admin (D-20). */
  | {
      kind: "revoke";
      /** The room. */
      roomID: string;
      /** The callees. */
      userIDList: string[];
    }
  /** The person has seen the list of calls (D-36). */
  | {
      kind: "markSeen";
      /** The number of the newest entry that was seen. */
      upTo: number;
    };

/** Who is told. */
export type To =
  /** All devices of a user. */
  | {
      /** The user's id. */
      user: string;
    }
  /** One device of a user. */
  | {
      /** The user's id. */
      user: string;
      /** The device's id. */
      device: string;
    }
  /** All devices of a user but one. */
  | {
      /** The user's id. */
      user: string;
      /** The one that is not told. */
      exceptDevice: string;
    }
  /** Everybody in a room. */
  | {
      /** The room's id. */
      room: string;
    };

/** Which calls of a user. */
export type Which =
  /** Those to the user. */
  | "to"
  /** Those that the user made. */
  | "by"
  /** Both. */
  | "both";

/** What became of a cancel or revoke for one user. */
export type Withdrawn =
  /** The call is cancelled. */
  | "cancelled"
  /** The call is revoked. */
  | "revoked"
  /** There was no call. */
  | "notCalling"
  /** It is somebody else's call. */
  | "notYours"
  /** It was too late. */
  | "alreadyAccepted"
  /** It was too late. */
  | "alreadyRejected"
  /** It was too late. */
  | "alreadyTimedOut"
  /** It was too late. */
  | "alreadyCancelled"
  /** It was too late. */
  | "alreadyRevoked";

/**
 * What differs between a value here and on the wire, by type. `kinds` are all kinds of a type: a test that an app
 * has a word for each asks `Object.keys(shapes.Progress.kinds)`. `optional` are fields that are not there where
 * the wire has null.
 */
export const shapes = {
  "Answer": {
    "kinds": {
      "acceptCall": {},
      "callUserToRoom": [
        "results",
        null
      ],
      "cancelCall": [
        "results",
        null
      ],
      "fact": {},
      "getCallLog": {
        "entries": "LogEntry[]"
      },
      "getIncomingCalls": {
        "calls": "LiveCall[]",
        "ended": "EndedCall[]"
      },
      "getLiveCalls": {
        "calls": "LiveCall[]"
      },
      "getMyCalls": {
        "endings": "MyEnding[]",
        "incoming": "LiveCall[]",
        "outgoing": "LiveCall[]"
      },
      "getPendingCalls": {
        "calls": "PendingCall[]"
      },
      "getUserCalls": {
        "calls": "LiveCall[]"
      },
      "markCallsSeen": {},
      "rejectCall": {},
      "revokeCall": [
        "results",
        null
      ],
      "revokeUserCalls": {},
      "ringing": {}
    },
    "optional": {
      "fact": [
        "ignored",
        "limit",
        "opening"
      ],
      "getIncomingCalls": [
        "ended",
        "lastAttempt"
      ],
      "getMyCalls": [
        "lastLogged",
        "seen"
      ],
      "getPendingCalls": [
        "scope"
      ]
    }
  },
  "Command": {
    "kinds": {
      "acceptCall": {},
      "callUserToRoom": {},
      "cancelCall": {},
      "markCallsSeen": {},
      "rejectCall": {},
      "revokeCall": {},
      "revokeUserCalls": {},
      "ringing": {}
    },
    "optional": {
      "acceptCall": [
        "attempt"
      ],
      "callUserToRoom": [
        "caller",
        "extensionInfo",
        "timeout"
      ],
      "rejectCall": [
        "attempt",
        "reason"
      ]
    }
  },
  "Dismissal": {
    "kinds": {
      "answeredElsewhere": {},
      "answeredHere": null,
      "cancelled": null,
      "gone": null,
      "hidden": null,
      "inOtherRoom": null,
      "rejectedElsewhere": {},
      "rejectedHere": null,
      "revoked": {},
      "signedOut": null,
      "silenced": null,
      "timedOut": null
    }
  },
  "Effect": {
    "kinds": {
      "answered": {
        "result": "RequestResult"
      },
      "dismiss": {
        "why": "Dismissal"
      },
      "join": {},
      "learned": {
        "why": "Dismissal"
      },
      "listed": {},
      "logged": {
        "entry": "LogEntry"
      },
      "notSent": {
        "command": "Command"
      },
      "progress": {
        "progress": "Progress"
      },
      "report": {
        "why": "ReportReason"
      },
      "seen": {},
      "send": {
        "request": "Request"
      },
      "show": {},
      "unlisted": {},
      "update": {}
    },
    "optional": {
      "send": [
        "requestID"
      ]
    }
  },
  "EndedBy": {
    "fields": {},
    "optional": [
      "deviceID",
      "user"
    ]
  },
  "EndedCall": {
    "fields": {},
    "optional": [
      "deviceID",
      "user"
    ]
  },
  "Event": {
    "kinds": {
      "onCallAccepted": {},
      "onCallCancelled": {},
      "onCallHandledByOtherDevice": {},
      "onCallNotJoined": {},
      "onCallReceived": {},
      "onCallRejected": {},
      "onCallRevokedByAdmin": {},
      "onCallRinging": {},
      "onCallTimeout": {},
      "onCallsSeen": {},
      "onPendingCallChanged": {},
      "onPendingCallRemoved": {}
    }
  },
  "Fact": {
    "kinds": {
      "presenceListed": {
        "present": "Present[]"
      },
      "recovered": {},
      "roleSet": {},
      "roomDissolved": {},
      "roomOpened": {},
      "rulesChanged": {
        "limits": "LimitsChange",
        "policy": "PolicyChange"
      },
      "userEntered": {},
      "userErased": {},
      "userLeft": {},
      "userRemoved": {}
    },
    "optional": {
      "presenceListed": [
        "opening"
      ],
      "roleSet": [
        "opening"
      ],
      "roomDissolved": [
        "by",
        "opening"
      ],
      "rulesChanged": [
        "limits",
        "policy"
      ],
      "userEntered": [
        "deviceID",
        "opening",
        "sessionID"
      ],
      "userLeft": [
        "deviceID",
        "opening",
        "sessionID"
      ],
      "userRemoved": [
        "by",
        "opening"
      ]
    }
  },
  "Input": {
    "kinds": {
      "inRoom": [
        "roomID",
        null
      ],
      "joinFailed": null,
      "link": [
        "link",
        null
      ],
      "notice": [
        "event",
        "Event"
      ],
      "occupied": [
        "isOccupied",
        null
      ],
      "push": {
        "event": "Event"
      },
      "reply": [
        "reply",
        "Reply"
      ],
      "settings": [
        "settings",
        null
      ],
      "signedOut": null,
      "tap": [
        "tap",
        "Tap"
      ],
      "tick": null
    }
  },
  "LimitsChange": {
    "fields": {},
    "optional": [
      "adminsPerRoom",
      "callees",
      "callsPerMinute",
      "endedPerRoom",
      "extensionBytes",
      "heldNames",
      "idBytes",
      "keptPerRoom",
      "liveCalls",
      "liveCallsPerRoom",
      "loggedCalls",
      "loggedFor",
      "loggedPerUser",
      "never",
      "pageSize",
      "participantsPerRoom",
      "ratedUsers",
      "requesters",
      "requestsPerRequester",
      "rooms",
      "timeoutMax"
    ]
  },
  "Line": {
    "fields": {
      "command": "Command",
      "fact": "Fact",
      "query": "Query"
    },
    "optional": [
      "requestID"
    ]
  },
  "LiveCall": {
    "fields": {},
    "optional": [
      "rung"
    ]
  },
  "LogEntry": {
    "fields": {
      "ended": "EndedBy"
    },
    "optional": [
      "ended",
      "tries"
    ]
  },
  "MyEnding": {
    "fields": {},
    "optional": [
      "deviceID",
      "reason",
      "user"
    ]
  },
  "Output": {
    "fields": {
      "answer": "Answer",
      "event": "Event",
      "refused": "Refused"
    },
    "optional": [
      "attempts",
      "nextRequestID",
      "repeated",
      "wake"
    ]
  },
  "PendingCall": {
    "fields": {},
    "optional": [
      "extensionInfo"
    ]
  },
  "PolicyChange": {
    "fields": {},
    "optional": [
      "activeCalls",
      "callerLeft",
      "inOtherRoom",
      "joinGrace",
      "mayCall",
      "outcomesTo"
    ]
  },
  "Present": {
    "fields": {},
    "optional": [
      "deviceID",
      "sessionID"
    ]
  },
  "Progress": {
    "kinds": {
      "accepted": null,
      "alreadyInCalling": null,
      "alreadyInRoom": null,
      "asking": null,
      "calling": null,
      "cancelled": null,
      "notSent": null,
      "refused": {},
      "rejected": {},
      "revoked": {},
      "ringing": null,
      "timedOut": null,
      "unknown": null
    }
  },
  "Query": {
    "kinds": {
      "getCallLog": {},
      "getIncomingCalls": {},
      "getLiveCalls": {},
      "getMyCalls": {},
      "getPendingCalls": {},
      "getUserCalls": {}
    },
    "optional": {
      "getCallLog": [
        "count",
        "since"
      ],
      "getIncomingCalls": [
        "since"
      ],
      "getLiveCalls": [
        "cursor",
        "pageSize"
      ],
      "getMyCalls": [
        "since"
      ],
      "getPendingCalls": [
        "count",
        "cursor",
        "status"
      ],
      "getUserCalls": [
        "cursor",
        "pageSize"
      ]
    }
  },
  "Refused": {
    "fields": {
      "ended": "EndedBy"
    },
    "optional": [
      "ended",
      "retryAfter"
    ]
  },
  "Reply": {
    "fields": {
      "answer": "Answer",
      "refused": "Refused"
    },
    "optional": [
      "attempts",
      "nextRequestID",
      "repeated"
    ]
  },
  "ReportReason": {
    "kinds": {
      "hidden": null,
      "inRoom": null,
      "notThisUser": null,
      "over": {
        "ending": "Dismissal"
      },
      "passed": null,
      "shown": null,
      "signedOut": null,
      "silenced": null,
      "tooMany": null
    }
  },
  "Request": {
    "kinds": {
      "command": [
        "command",
        "Command"
      ],
      "query": [
        "query",
        "Query"
      ]
    }
  },
  "RequestResult": {
    "kinds": {
      "answer": [
        "answer",
        "Answer"
      ],
      "refused": [
        "refused",
        "Refused"
      ]
    }
  },
  "Tap": {
    "kinds": {
      "accept": {},
      "call": {},
      "cancel": {},
      "markSeen": {},
      "reject": {},
      "rejectHere": {},
      "revoke": {},
      "silence": {}
    }
  }
} as const;
