import { decode, encode } from "./codec.js";
import type { Effect, Event, Output } from "./types.js";

/** An effect that sends a request. */
export type Send = Extract<Effect, { kind: "send" }>;

/** The text of the frame that sends a request to the server: one line (J-02, D-15). */
export function frame({ requestID, request }: Send): string {
  return JSON.stringify({ requestID, ...(encode("Request", request) as object) });
}

/**
 * The event of a push message: of its JSON, or of the text of that. Give it to the handset as the input `push`
 * (D-29).
 */
export function readEvent(json: string | object): Event {
  return decode("Event", typeof json === "string" ? JSON.parse(json) : json);
}

/** One line of a message of the server. `Handset.receive` takes whole messages. */
export function readOutput(json: string | object): Output {
  return decode("Output", typeof json === "string" ? JSON.parse(json) : json);
}
