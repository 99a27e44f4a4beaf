/** A journal: a header, then an input a line. It does not say what should come out. */

import { parse, type Opened } from "./steps.js";

/** Reads a journal. */
export function readJournal(name: string, text: string): Opened {
  const [header = "", ...lines] = text.split("\n");
  const steps = lines
    .map((text, index) => ({ line: index + 2, text }))
    .filter(({ text }) => text.trim() !== "");
  return { kind: "journal", name, title: parse(header, 1).title ?? name, header, steps };
}
