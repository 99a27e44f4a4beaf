// Steps the proved model, as Dafny compiled it to JavaScript, along random runs of the crate and
// compares the answer and the effects, in their order, of every step.
//
//     node compare.js Calls.js [runs.ndjson]
//
// The runs (from standard input if no file is named) are lines: a header of a journal, then one
// line a step, `{"input": .., "answer": .., "effects": [..]}`. The only dependency is bignumber.js,
// which is looked for beside Calls.js. Exit status 1 on a divergence, 2 if something is not readable.
'use strict';
const fs = require('fs');
const path = require('path');
const readline = require('readline');
const { createRequire } = require('module');

const SHOWN = 5;

/** The compiled model: a script that keeps its modules to itself. */
function load(file) {
  const source = fs.readFileSync(file, 'utf8');
  const own = createRequire(path.resolve(file));
  const body = `${source}\nreturn { dafny: _dafny, module: _module, BigNumber: require("bignumber.js") };`;
  return new Function('require', 'module', 'exports', body)(own, {}, {});
}

/** Names of one kind to numbers and back, in the order in which they come. */
class Names {
  constructor(BigNumber) {
    this.BigNumber = BigNumber;
    this.numbers = new Map();
    this.names = [];
  }
  number(name) {
    if (typeof name !== 'string') throw new Error(`expected a name: ${JSON.stringify(name)}`);
    let number = this.numbers.get(name);
    if (number === undefined) {
      number = new this.BigNumber(this.names.length);
      this.numbers.set(name, number);
      this.names.push(name);
    }
    return number;
  }
  name(number) {
    return this.names[number.toNumber()];
  }
}

/** Text with whole numbers, those beyond 2^53 too: numbers of more than 15 digits become strings. */
function parse(line) {
  return JSON.parse(line.replace(/:(\d{16,})(?=[,}])/g, ':"$1"'));
}

/** The same text for the same data, whatever the order of the fields. */
function canonical(value) {
  if (Array.isArray(value)) return `[${value.map(canonical).join(',')}]`;
  if (value === null || typeof value !== 'object') return JSON.stringify(value);
  return `{${Object.keys(value).sort().map(key => `${JSON.stringify(key)}:${canonical(value[key])}`).join(',')}}`;
}

/** One run of the model. */
class Model {
  constructor(code, header) {
    this.m = code.module;
    this.dafny = code.dafny;
    this.BigNumber = code.BigNumber;
    this.users = new Names(code.BigNumber);
    this.rooms = new Names(code.BigNumber);
    this.devices = new Names(code.BigNumber);
    this.state = this.m.__default.Init(this.policy(header.policy), this.limits(header.limits));
  }

  nat(number) {
    const nat = new this.BigNumber(number);
    if (!nat.isInteger() || nat.isNegative()) throw new Error(`expected a natural number: ${number}`);
    return nat;
  }

  option(value, map) {
    const { Option } = this.m;
    return value === undefined || value === null ? Option.create_None() : Option.create_Some(map(value));
  }

  /** A constructor without fields, by its word. */
  word(type, words, word) {
    if (!Object.hasOwn(words, word)) throw new Error(`unknown word ${word}`);
    return this.m[type][`create_${words[word]}`]();
  }

  policy({ activeCalls, inOtherRoom, callerLeft, mayCall, outcomesTo }) {
    const { word } = this;
    const of = (type, words, value) => word.call(this, type, words, value);
    return this.m.Policy.create_Policy(
      of('ActiveCalls', { perUser: 'PerUser', perRoom: 'PerRoom' }, activeCalls),
      of('InOtherRoom', { reject: 'Reject', ring: 'Ring' }, inOtherRoom),
      of('CallerLeft',
        { keepRinging: 'KeepRinging', cancelCalls: 'CancelCalls', cancelIfRoomEmpty: 'CancelIfRoomEmpty' }, callerLeft),
      of('MayCall', { anyone: 'Anyone', admins: 'Admins' }, mayCall),
      of('OutcomesTo', { callingDevice: 'CallingDevice', allDevices: 'AllDevices' }, outcomesTo));
  }

  limits(l) {
    const n = number => this.nat(number);
    return this.m.Limits.create_Limits(
      n(l.callees), n(l.timeoutMax), l.never, n(l.extensionBytes), n(l.liveCallsPerRoom), n(l.keptPerRoom),
      n(l.endedPerRoom), n(l.liveCalls), n(l.rooms), n(l.participantsPerRoom), n(l.adminsPerRoom));
  }

  // What goes in.

  actor(by) {
    const { Actor } = this.m;
    return by === 'backend' || by === undefined ? Actor.create_Backend()
      : Actor.create_UserOn(this.users.number(by.user), this.devices.number(by.device));
  }

  input(line) {
    const { Input } = this.m;
    if (line.tick) return Input.create_Tick();
    if (line.command) return Input.create_Ask(this.actor(line.by), this.command(line.command));
    const [[kind, fact]] = Object.entries(line.fact);
    const room = this.rooms.number(fact.roomID);
    switch (kind) {
      case 'roomOpened': return Input.create_RoomOpened(room, this.users.number(fact.owner));
      case 'roomDissolved': return Input.create_RoomDissolved(room, this.actor(fact.by));
      case 'userEntered':
        return Input.create_UserEntered(room, this.users.number(fact.userID), this.devices.number(fact.deviceID));
      case 'userLeft': return Input.create_UserLeft(room, this.users.number(fact.userID));
      case 'roleSet': {
        const role = this.word('Role', { owner: 'Owner', admin: 'Admin', participant: 'Participant' }, fact.role);
        return Input.create_RoleSet(room, this.users.number(fact.userID), role);
      }
      default: throw new Error(`unknown fact ${kind}`);
    }
  }

  command(command) {
    const { Command } = this.m;
    const [[kind, c]] = Object.entries(command);
    const room = this.rooms.number(c.roomID);
    const list = () => this.dafny.Seq.of(...c.userIDList.map(name => this.users.number(name)));
    const named = () => this.option(c.attempt, number => this.nat(number));
    switch (kind) {
      case 'callUserToRoom': {
        const extension = this.nat(Buffer.byteLength(c.extensionInfo ?? '', 'utf8'));
        return Command.create_CallUsers(room, list(), this.nat(c.timeout), extension);
      }
      case 'cancelCall': return Command.create_CancelUsers(room, list());
      case 'revokeCall': return Command.create_RevokeUsers(room, list());
      case 'acceptCall': return Command.create_AcceptCall(room, named());
      case 'rejectCall': {
        const reason = this.word('Reason', { rejected: 'SaidNo', inOtherRoom: 'WasElsewhere' }, c.reason ?? 'rejected');
        return Command.create_RejectCall(room, named(), reason);
      }
      default: throw new Error(`unknown command ${kind}`);
    }
  }

  step(line) {
    const input = this.input(line);
    const out = this.m.__default.Step(this.state, this.nat(line.at), input);
    this.state = out.dtor_state;
    return { answer: this.answer(out.dtor_answer, input), effects: out.dtor_effects.map(effect => this.effect(effect)) };
  }

  // What comes out, in the spelling of the wire form.

  answer(a, input) {
    const results = (list, words) => list.map(pair => [this.users.name(pair[0]), words[last(pair[1])]]);
    if (a.is_Nothing) return null;
    if (a.is_Ignored) return { ignored: rule(a.dtor_rule) };
    if (a.is_CallResults) return { callUserToRoom: results(a.dtor_results, CALL_RESULTS) };
    if (a.is_CancelResults) return { cancelCall: results(a.dtor_withdrawals, WITHDRAWALS) };
    if (a.is_RevokeResults) return { revokeCall: results(a.dtor_withdrawals, WITHDRAWALS) };
    if (a.is_AcceptedAnswer) return { acceptCall: { attempt: a.dtor_attempt.toNumber() } };
    if (a.is_RejectedAnswer) return { rejectCall: { attempt: a.dtor_attempt.toNumber() } };
    const code = this.m.__default.Code(a.dtor_rule).toNumber();
    return { refused: { code, rule: rule(a.dtor_rule), ended: maybe(a.dtor_ended, past => this.ended(past, input.dtor_asker.dtor_user)) } };
  }

  /** Only a user's request is refused with an ending (P-04). */
  ended(past, asking) {
    const by = this.m.__default.EndedBy(past);
    const on = this.m.__default.EndedOn(past, asking);
    return {
      how: ENDINGS[last(past.dtor_ending)],
      attempt: past.dtor_attempt.toNumber(),
      user: maybe(by, user => this.users.name(user)),
      deviceID: maybe(on, device => this.devices.name(device)),
    };
  }

  effect(e) {
    return { to: this.to(e.dtor_to), event: this.event(e.dtor_event), because: rule(e.dtor_because) };
  }

  to(to) {
    if (to.is_ToRoom) return { room: this.rooms.name(to.dtor_room) };
    const user = this.users.name(to.dtor_user);
    if (to.is_ToUser) return { user };
    const device = this.devices.name(to.dtor_device);
    return to.is_ToDevice ? { user, device } : { user, exceptDevice: device };
  }

  event(e) {
    const kind = e.dtor_kind;
    const at = { roomID: this.rooms.name(e.dtor_room), attempt: e.dtor_attempt.toNumber() };
    if (kind.is_Handled) {
      const deviceID = maybe(kind.dtor_device, device => this.devices.name(device));
      return { onCallHandledByOtherDevice: { ...at, isAccepted: kind.dtor_isAccepted, deviceID } };
    }
    const [caller, callee] = [this.users.name(e.dtor_caller), this.users.name(e.dtor_callee)];
    const about = { ...at, call: { caller, callee, status: STATUSES[last(e.dtor_status)] } };
    if (kind.is_Received) {
      // Only the length of the text is in the model; runs have no other than the empty one.
      const extensionInfo = 'x'.repeat(kind.dtor_extension.toNumber());
      return { onCallReceived: { ...about, extensionInfo, timeLeft: maybe(kind.dtor_timeLeft, n => n.toNumber()) } };
    }
    if (kind.is_RevokedByAdmin) {
      const operator = maybe(kind.dtor_operator, user => ({ user: this.users.name(user) })) ?? 'backend';
      return { onCallRevokedByAdmin: { ...about, operator } };
    }
    if (kind.is_CallRejected) return { onCallRejected: { ...about, reason: REASONS[last(kind.dtor_reason)] } };
    return { [PLAIN_EVENTS[last(kind)]]: about };
  }
}

const CALL_RESULTS = { Success: 'success', AlreadyInCalling: 'alreadyInCalling', AlreadyInRoom: 'alreadyInRoom' };
const WITHDRAWALS = {
  IsCancelled: 'cancelled', IsRevoked: 'revoked', NotCalling: 'notCalling', NotYours: 'notYours',
  AlreadyAccepted: 'alreadyAccepted', AlreadyRejected: 'alreadyRejected', AlreadyTimedOut: 'alreadyTimedOut',
  AlreadyCancelled: 'alreadyCancelled', AlreadyRevoked: 'alreadyRevoked',
};
const ENDINGS = {
  Accepted: 'accepted', Rejected: 'rejected', InOther: 'inOtherRoom', TimedOut: 'timedOut',
  Cancelled: 'cancelled', Revoked: 'revoked', Entered: 'entered',
};
const STATUSES = { NoCall: 'none', Calling: 'calling', TimedOutStatus: 'timeout', RejectedStatus: 'rejected' };
const REASONS = { SaidNo: 'rejected', WasElsewhere: 'inOtherRoom' };
const PLAIN_EVENTS = {
  CallCancelled: 'onCallCancelled', CallTimeout: 'onCallTimeout', CallAccepted: 'onCallAccepted',
  PendingChanged: 'onPendingCallChanged', PendingRemoved: 'onPendingCallRemoved',
};

/** The name of a value's constructor: it is printed as `module.Type.Name(..)`. */
function last(value) {
  return /^[^(]*\.(\w+)/.exec(value.toString())[1];
}
function rule(value) {
  const name = last(value);
  return `${name[0]}-${name.slice(1)}`;
}
function maybe(option, map) {
  return option.is_None ? null : map(option.dtor_value);
}

function show(number, run, step, input, model, rust) {
  console.log(`line ${number} (run ${run}, step ${step}) diverges`);
  console.log(`  input: ${canonical(input)}`);
  console.log(`  model: ${canonical(model)}`);
  console.log(`  rust:  ${canonical(rust)}`);
}

async function main() {
  const [, , compiled, runs] = process.argv;
  if (!compiled) throw new Error('usage: node compare.js Calls.js [runs.ndjson]');
  const code = load(compiled);
  const input = runs ? fs.createReadStream(runs) : process.stdin;
  const began = process.hrtime.bigint();
  let model = null, number = 0, run = 0, step = 0, steps = 0, divergences = 0;
  for await (const line of readline.createInterface({ input, crlfDelay: Infinity })) {
    number += 1;
    if (line === '') continue;
    try {
      const said = parse(line);
      if (said.journal !== undefined) {
        model = new Model(code, said);
        run += 1;
        step = 0;
        continue;
      }
      if (model === null) throw new Error('expected a header first');
      steps += 1;
      step += 1;
      const own = model.step(said.input);
      const rust = { answer: said.answer, effects: said.effects };
      if (canonical(own) !== canonical(rust)) {
        divergences += 1;
        if (divergences <= SHOWN) show(number, run, step, said.input, own, rust);
      }
    } catch (error) {
      throw new Error(`line ${number}: ${error.message}`, { cause: error });
    }
  }
  const seconds = Number(process.hrtime.bigint() - began) / 1e9;
  console.log(`${steps} steps, ${divergences} divergences, ${seconds.toFixed(1)} s`);
  return divergences === 0 ? 0 : 1;
}

main().then(code => { process.exitCode = code; }, error => {
  console.error(error.message);
  process.exitCode = 2;
});
