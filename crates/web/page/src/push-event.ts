/** The event of a push message. */
import type { CallStatus, Event } from "roomcall";

/** The `data` of a message, which has texts only: see docs/events.md. */
export type PushData = Readonly<Record<string, string>>;

/** The event that the server told this user, or null where the message has none that is known. */
export function eventOf(data: PushData): Event | null {
  const { event = "", roomID = "", caller = "", callee = "", extensionInfo = "" } = data;
  const attempt = Number(data["attempt"]);
  if (!Number.isSafeInteger(attempt)) return null;
  const call = (status: CallStatus) => ({ roomID, call: { caller, callee, status }, attempt });
  const deviceID = data["deviceID"] ?? null;
  switch (event) {
    case "ring": {
      const timeLeft = data["timeLeft"] === undefined ? null : Number(data["timeLeft"]);
      return { kind: "onCallReceived", ...call("calling"), extensionInfo, timeLeft };
    }
    case "accepted":
      return { kind: "onCallHandledByOtherDevice", roomID, isAccepted: true, attempt, deviceID };
    case "rejected":
      return { kind: "onCallHandledByOtherDevice", roomID, isAccepted: false, attempt, deviceID };
    case "missed":
      return { kind: "onCallTimeout", ...call("timeout") };
    case "cancelled":
      return { kind: "onCallCancelled", ...call("none") };
    case "revoked":
      // The message does not say by whom: the next snapshot does.
      return { kind: "onCallRevokedByAdmin", ...call("none"), operator: "backend" };
    default:
      return null;
  }
}
