/** Opens a file by what is in it, whatever it is called. */

import { readCase } from "./conformance.js";
import { readJournal } from "./journal.js";
import { readScenario } from "./scenario.js";
import { BadFile, parse, type Opened } from "./steps.js";

/** Reads a scenario, a journal or a conformance case. */
export function open(name: string, text: string): Opened {
  const [first = "", second = ""] = text.split("\n");
  const header = parse(first, 1);
  if (typeof header !== "object" || header === null) throw new BadFile("line 1 is no header");
  if ("conformance" in header) return readCase(name, text);
  if (header.journal === 1) return second.startsWith("> ") ? readScenario(name, text) : readJournal(name, text);
  if ("network" in header) throw new BadFile("this is a run of the network, which is opened as a meeting");
  throw new BadFile('line 1 is no header: {"journal":1} or {"conformance":1} is expected');
}

/** Whether a text is a run of the test kit's network. */
export const isNetwork = (text: string): boolean => text.startsWith('{"network":');
