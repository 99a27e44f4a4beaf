// This package as a testee of roomcall-conformance, by its typed values: `node testee.mjs`.
import * as readline from "node:readline";

import { decode, encode } from "./dist/codec.js";
import { Handset, load } from "./dist/index.js";
import { Switchboard, load as loadSwitchboard } from "./dist/switchboard.js";

await Promise.all([load(), loadSwitchboard()]);

/** A handset, by the lines of the runner. */
class Device {
  constructor({ user, device, settings }) {
    this.handset = new Handset(user, device, settings);
  }

  step(line) {
    const effects = line.restart ? this.restart(line.restart) : this.apply(line);
    // The rule is no part of what is compared.
    const wire = effects.map(({ rule, ...effect }) => encode("Effect", effect));
    return { effects: wire, screen: this.handset.screen() };
  }

  apply({ at, inputs }) {
    return this.handset.apply(at, ...inputs.map((input) => decode("Input", input)));
  }

  restart({ dead }) {
    this.handset = Handset.restore(this.handset.save(), dead);
    return this.handset.redraw();
  }
}

/** A switchboard, by the lines of the runner. */
class Host {
  constructor({ policy, limits }) {
    this.board = new Switchboard({ policy, limits });
  }

  step(line) {
    const { outputs } = this.board.apply(decode("Line", line));
    return { outputs: outputs.map((output) => encode("Output", output)) };
  }
}

let testee;
for await (const text of readline.createInterface({ input: process.stdin })) {
  const line = JSON.parse(text);
  let answer = { ready: true };
  if (line.end) answer = { ended: true };
  else if (line.conformance) testee = line.role === "handset" ? new Device(line) : new Host(line);
  else answer = testee.step(line);
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
