/** A conformance case: a set-up, then steps with what is sent and what is expected. */

import { parse, type Opened, type Step } from "./steps.js";

/** Reads a case. Of a file with several it reads the first one. */
export function readCase(name: string, text: string): Opened {
  const lines = text.split("\n").filter((line) => line.trim() !== "");
  const setup = parse(lines[0] ?? "", 1);
  const end = lines.findIndex((line, index) => index > 0 && line.startsWith('{"conformance"'));
  const body = lines.slice(1, end < 0 ? undefined : end);
  const isHandset = setup.role === "handset";
  const steps = body.map((text, index): Step => {
    const { send, expect } = parse(text, index + 2);
    const step: Step = { line: index + 2, text: JSON.stringify(send) };
    if (!isHandset) return { ...step, expected: expect.outputs };
    return { ...step, inputs: send, expected: expect.effects, screen: expect.screen };
  });
  const { policy, limits, title, user, device, settings } = setup;
  const opened: Opened = {
    kind: isHandset ? "handset case" : "switchboard case",
    name: setup.case ?? name,
    title: title ?? name,
    header: JSON.stringify({ journal: 1, title, policy, limits }),
    steps,
  };
  return isHandset ? { ...opened, handset: { user, device, settings } } : opened;
}
