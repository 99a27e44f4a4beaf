/** What a client does when its connection was closed. */
export type AfterClose =
  /** It connects again, a little later, with a token that is valid then. */
  | "retry"
  /** It connects again, later. */
  | "retryLater"
  /** It does not connect again. */
  | "stop";

/** The close codes of the server, and what a client does. */
export const closeCodes: Readonly<Record<number, AfterClose>> = {
  /** The server ends this connection. */
  1001: "retry",
  /** This is not the WebSocket protocol. */
  1002: "stop",
  /** The text is not in UTF-8. */
  1007: "stop",
  /** The message is too large. */
  1009: "stop",
  /** The message is not a text. */
  4400: "stop",
  /** The token has expired. */
  4401: "retry",
  /** The device was revoked: its user has to sign in again. */
  4403: "stop",
  /** Nothing was heard. */
  4408: "retry",
  /** This device has connected anew. */
  4409: "stop",
  /** Too many messages. */
  4429: "retryLater",
  /** The client reads too slowly. */
  4431: "retry",
};

/** This device has connected anew: what is saved belongs to whoever did. */
export const REPLACED = 4409;

/** What to do after that close code. Where a connection broke without one, browsers say 1006. */
export function afterClose(code: number | null): AfterClose {
  return (code !== null && closeCodes[code]) || "retry";
}
