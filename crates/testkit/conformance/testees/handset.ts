// A small part of a handset, written from the rules alone: a call rings, is answered, and ends. Where it does not know the answer it says
// `skip`, so it passes what it claims. The README beside this folder says how to run it.
import * as readline from "node:readline";

type Call = { attempt: number; roomID: string; caller: string; extensionInfo: string };
type Body = Call & { call: { caller: string; callee: string }; timeLeft: number | null; operator?: "backend" | { user: string } };
type Snapshot = { incoming: unknown[]; outgoing: unknown[]; endings: unknown[]; lastLogged?: number; lastAttempt: number };
type Answer = { getMyCalls?: Snapshot; acceptCall?: object; rejectCall?: object };
type Reply = { requestID: number; answer?: Answer; nextRequestID?: number };
type Tap = { accept?: { attempt: number }; reject?: { attempt: number; reason: string } };
type Input = "tick" | { link: "up" | "down" } | { notice: Record<string, Body> } | { reply: Reply } | { tap: Tap };
type Settings = { minRing: number; endings: number; retryInterval: number; refresh: number | null };
type Setup = { conformance: number; level: string; needs?: string[]; user: string; settings: Settings };
type Line = Setup | { at: number; inputs: Input[] } | { restart: object } | { end: true };

class Skip extends Error {}

class Handset {
  private calls = new Map<number, Call>();
  private isReady = false;
  private isLinked = false;
  /** When something is due by itself (D-02), which is left out. */
  private due = Infinity;
  private refreshAt = Infinity;
  private nextID = 2;
  /** The call whose answer is unanswered. */
  private answering: Call | undefined;
  /** After an answer no other call rings for a while (D-32). */
  private isQuiet = false;

  constructor(private setup: Setup) {
    if (setup.level !== "core" || setup.settings.endings < 8) throw new Skip("only the core, with bounds that are not met");
  }

  step(at: number, inputs: Input[]): object[] {
    if (at >= this.due) throw new Skip("timers");
    if (inputs.length !== 1) throw new Skip("several inputs at once");
    const input = inputs[0];
    if (input === "tick") throw new Skip("timers");
    if ("link" in input) return this.link(at, input.link);
    if ("reply" in input) return this.reply(input.reply);
    if ("notice" in input) return this.notice(at, ...Object.entries(input.notice)[0]);
    if ("tap" in input) return this.tap(at, input.tap);
    throw new Skip(Object.keys(input)[0]);
  }

  // D-11
  private tap(at: number, { accept, reject }: Tap): object[] {
    const call = this.calls.get((accept ?? reject)?.attempt ?? 0);
    if (!call || this.answering) throw new Skip("another tap");
    const { attempt, roomID } = call;
    const command = accept ? { acceptCall: { roomID, attempt } } : { rejectCall: { roomID, attempt, reason: reject?.reason } };
    this.answering = call;
    this.due = Math.min(this.due, at + this.setup.settings.retryInterval);
    const update = { update: { attempt, stage: accept ? "accepting" : "rejecting" } };
    return [update, { send: { requestID: this.nextID++, request: { command } } }];
  }

  // D-12
  private answered(answer: Answer): object[] {
    const call = this.answering;
    if (!call || !(answer.acceptCall || answer.rejectCall)) throw new Skip("a late reply, or a refusal");
    this.answering = undefined;
    this.calls.delete(call.attempt);
    this.due = this.refreshAt;
    const dismiss = { dismiss: { attempt: call.attempt, why: answer.acceptCall ? "answeredHere" : "rejectedHere" } };
    if (!answer.acceptCall) return [dismiss];
    this.isQuiet = true;
    return [dismiss, { join: { roomID: call.roomID } }];
  }

  // D-15, D-16
  private link(at: number, link: string): object[] {
    if (link !== "up" || this.isLinked) throw new Skip("a second connection");
    const { refresh, retryInterval } = this.setup.settings;
    this.isLinked = true;
    this.refreshAt = at + (refresh ?? Infinity);
    this.due = Math.min(this.refreshAt, at + retryInterval);
    return [{ send: { requestID: 1, request: { query: { getMyCalls: { since: 0 } } } } }];
  }

  // D-24
  private reply({ requestID, answer, nextRequestID }: Reply): object[] {
    const mine = answer?.getMyCalls;
    if (requestID === this.nextID - 1 && this.isReady) return this.answered(answer ?? {});
    if (requestID !== 1 || !mine || this.isReady || mine.lastLogged || this.calls.size > 0) throw new Skip("another reply");
    if (mine.incoming.length + mine.outgoing.length + mine.endings.length > 0) throw new Skip("a snapshot of something");
    this.isReady = true;
    this.due = this.refreshAt;
    this.nextID = Math.max(this.nextID, nextRequestID ?? 0);
    return [];
  }

  private notice(at: number, kind: string, body: Body): object[] {
    const { attempt } = body;
    if (!this.isReady || body.call?.callee !== this.setup.user) throw new Skip("an event before a snapshot, or of others");
    if (kind === "onCallReceived") {
      // D-06, D-09, D-37
      if (this.isQuiet || this.calls.size > 0 || (body.timeLeft ?? Infinity) < this.setup.settings.minRing) throw new Skip("another ring");
      const call = { attempt, roomID: body.roomID, caller: body.call.caller, extensionInfo: body.extensionInfo };
      this.calls.set(attempt, call);
      this.due = Math.min(this.due, at + (body.timeLeft ?? Infinity));
      const ringing = { send: { request: { command: { ringing: { attempt } } } } };
      return [{ show: { call, stage: "ringing", timeLeft: body.timeLeft } }, ringing];
    }
    // D-05
    const operator = typeof body.operator === "object" ? body.operator.user : null;
    const endings: Record<string, unknown> = {
      onCallTimeout: "timedOut",
      onCallCancelled: "cancelled",
      onCallRevokedByAdmin: { revoked: { operator } },
    };
    if (!(kind in endings) || this.answering) throw new Skip(kind);
    if (!this.calls.delete(attempt)) throw new Skip("an ending of what does not ring");
    this.due = this.refreshAt;
    return [{ dismiss: { attempt, why: endings[kind] } }];
  }
}

let handset: Handset | undefined;
function answer(line: Line): object {
  if ("end" in line) return { ended: true };
  try {
    if ("conformance" in line) {
      handset = new Handset(line);
      return { ready: true };
    }
    if ("restart" in line || !handset) throw new Skip("restarts");
    return { effects: handset.step(line.at, line.inputs) };
  } catch (error) {
    if (error instanceof Skip) return { skip: error.message };
    throw error;
  }
}

readline.createInterface({ input: process.stdin }).on("line", (text) => {
  console.log(JSON.stringify(answer(JSON.parse(text))));
});
