/** How the connection stands, and the words for it. */

/** What is known of the connection of this device. */
export type Standing =
  | { kind: "connecting" }
  | { kind: "connected" }
  /** When the next try is, in milliseconds of the same clock as `now`. */
  | { kind: "waiting"; retryAt: number; reason: string }
  | { kind: "stopped"; code: number | null; reason: string }
  | { kind: "asleep" };

/** What a person reads. */
export function ofStanding(standing: Standing, now: number): string {
  switch (standing.kind) {
    case "connecting":
      return "Connecting …";
    case "connected":
      return "Connected";
    case "waiting": {
      const left = Math.max(0, Math.ceil((standing.retryAt - now) / 1000));
      const why = standing.reason ? ` (${standing.reason})` : "";
      return left > 0 ? `Reconnecting in ${left} s${why}` : `Reconnecting${why} …`;
    }
    case "stopped":
      return ofStop(standing.code, standing.reason);
    case "asleep":
      return "Asleep: only a push wakes this device";
  }
}

/** Why there will be no connection. */
export function ofStop(code: number | null, reason: string): string {
  if (code === 4409) return "Replaced: this device has connected in another browser";
  if (code === 4403) return "Signed out: this device was revoked";
  const why = reason || (code === null ? "it broke" : `closed with ${code}`);
  return `Disconnected for good: ${why}`;
}
