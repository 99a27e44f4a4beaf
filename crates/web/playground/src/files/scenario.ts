/** A scenario: a header, then inputs behind `> `, each with its outputs below it. */

import { BadFile, parse, type Opened, type Step } from "./steps.js";

const INPUT = "> ";
const REMARK = "= ";
const UNCHANGED = /^= nothing changes: ([A-Z]-\d\d)/;

/** Reads a scenario. */
export function readScenario(name: string, text: string): Opened {
  const lines = text.split("\n");
  const header = lines[0] ?? "";
  const { title } = parse(header, 1);
  const steps: Step[] = [];
  lines.forEach((line, index) => {
    if (index === 0 || line === "") return;
    if (line.startsWith(INPUT)) {
      steps.push({ line: index + 1, text: line.slice(INPUT.length), expected: [] });
      return;
    }
    const step = steps[steps.length - 1];
    if (!step) throw new BadFile(`line ${index + 1} comes before the first input`);
    const unchanged = UNCHANGED.exec(line)?.[1];
    if (unchanged !== undefined) step.unchanged = unchanged;
    else if (!line.startsWith(REMARK)) step.expected?.push(parse(line, index + 1));
  });
  return { kind: "scenario", name, title: title ?? name, header, steps };
}
