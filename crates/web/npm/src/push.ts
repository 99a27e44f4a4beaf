/** What a push message carries, as `docs/events.md` has it. */
import type { CallStatus, Event } from "./types.js";

/**
 * The `data` of a message of FCM, or the object `roomcall` in the payload of APNs with its values as texts and without those
 * that are null.
 */
export type PushData = Readonly<Record<string, string>>;

/**
 * The event of a push message, for the input `push`; null where it has none that is known.
 *
 * A text that was left out because it was too long (`extensionInfoLeftOut`) is empty here: the snapshot has it. A push does not
 * say by whom a call was revoked: the operator is the backend here.
 */
export function pushEvent(data: PushData): Event | null {
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
