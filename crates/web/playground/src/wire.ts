/** The JSON of roomcall, as far as the playground looks into it. */

/** A variant as JSON: `"tick"` alone, or `{"join":{..}}` with what it carries. */
export type Variant = string | { [kind: string]: any };

/** Who asks. */
export type Actor = { user: string; device: string } | "backend";

/** Whom an effect is for. */
export type Audience = { user?: string; device?: string; exceptDevice?: string; room?: string };

/** Why a request is refused. */
export interface Refused {
  code: number;
  rule: string;
  message: string;
  ended?: { how: string; attempt: number; user?: string; deviceID?: string };
  retryAfter?: number;
}

/** One input of a switchboard. */
export interface Line {
  at: number;
  requestID?: number;
  by?: Actor;
  command?: Variant;
  query?: Variant;
  fact?: Variant;
  tick?: object;
}

/** What a switchboard says. */
export interface Output {
  at: number;
  requestID?: number;
  answer?: Variant;
  refused?: Refused;
  attempts?: Record<string, number>;
  nextRequestID?: number;
  repeated?: boolean;
  to?: Audience;
  event?: Variant;
  because?: string;
  wake?: boolean;
}

/** What a handset tells its host to do, and by which rule. */
export interface Effect {
  rule: string;
  effect: Variant;
}

/** A call on a screen. */
export interface Shown {
  attempt: number;
  stage: string;
}

/** The name of a variant. */
export const kindOf = (variant: Variant): string =>
  typeof variant === "string" ? variant : (Object.keys(variant)[0] ?? "");

/** What a variant carries; nothing of one that is a name alone. */
export const bodyOf = (variant: Variant): any =>
  typeof variant === "string" ? {} : variant[kindOf(variant)];

/** The rules that stand in a text, each once. */
export const rulesIn = (text: string): string[] => [...new Set(text.match(/\b[A-Z]-\d\d\b/g) ?? [])];
