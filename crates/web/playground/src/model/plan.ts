/** What does not change while a meeting is played. */

/** One device of somebody. */
export interface PhonePlan {
  user: string;
  device: string;
  /** What is different from the settings of all phones. */
  settings?: Record<string, string | number | null>;
}

/** Who is there, and how the network is. */
export interface Plan {
  title: string;
  /** What the example shows; empty where there is nothing to say. */
  about: string;
  room: string;
  phones: PhonePlan[];
  /** Which phones are in the room when it begins. */
  inside: number[];
  /** Milliseconds that a message is on its way. */
  latency: number;
  /** Whether a ring is pushed to phones that have no connection. */
  pushes: boolean;
  /** Whether messages wait until somebody delivers them, and nobody is there when it begins. */
  isHeld: boolean;
  policy: Record<string, string | number>;
  limits: Record<string, number | boolean>;
  settings: Record<string, string | number | null>;
}

/** The defaults of `handset::Settings`. A field that is left out is this. */
export const SETTINGS = {
  retryInterval: 2000,
  refresh: 60000,
  answerGrace: 10000,
  minRing: 1000,
  validFor: 10000,
  joinQuiet: 15000,
  settle: 2000,
  lateRing: "ignore",
  calls: 32,
  endings: 64,
  requests: 16,
  outgoing: 200,
  page: 20,
};

/** A meeting of five phones. */
export const MEETING: Plan = {
  title: "A meeting",
  about: "Ana is in the room. Let her call somebody, and do to the messages what networks do.",
  room: "standup",
  phones: [
    { user: "ana", device: "laptop" },
    { user: "bo", device: "phone" },
    { user: "bo", device: "tablet" },
    { user: "cy", device: "phone" },
  ],
  inside: [0],
  latency: 600,
  pushes: true,
  isHeld: false,
  policy: {},
  limits: {},
  settings: {},
};

/** The header of the journal of a meeting. */
export function headerOf(plan: Plan): string {
  const { title, policy, limits } = plan;
  const header: Record<string, unknown> = { journal: 1, title };
  if (Object.keys(policy).length > 0) header["policy"] = policy;
  if (Object.keys(limits).length > 0) header["limits"] = limits;
  return JSON.stringify(header);
}

/** The name of a phone in text. */
export const nameOf = (phone: PhonePlan): string => `${phone.user}'s ${phone.device}`;
