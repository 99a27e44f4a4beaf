/** A file as steps: what is put in, and what should come out. */

import type { Variant } from "../wire.js";

/** What a file plays. */
export type Kind = "scenario" | "journal" | "switchboard case" | "handset case";

/** One step of a file. */
export interface Step {
  /** The line in the file, counted from 1. */
  line: number;
  /** The input as it is written. */
  text: string;
  /** What is put in, for a handset. */
  inputs?: { at: number; inputs: Variant[] } | { restart: { dead: number | null } };
  /** The outputs or effects that should come; absent where the file says nothing of them. */
  expected?: unknown[];
  /** What should be on the screen of a handset. */
  screen?: unknown[];
  /** The rule by which nothing should change. */
  unchanged?: string;
}

/** A file that can be stepped through. */
export interface Opened {
  kind: Kind;
  /** Where it comes from, or its name. */
  name: string;
  title: string;
  /** The header of a journal as JSON; of a handset the set-up. */
  header: string;
  handset?: { user: string; device: string; settings: object };
  steps: Step[];
}

/** A file that cannot be opened, and why. */
export class BadFile extends Error {}

/** A line as JSON, or an error that names the line. */
export function parse(text: string, line: number): any {
  try {
    return JSON.parse(text);
  } catch {
    throw new BadFile(`line ${line} is not JSON: ${text.slice(0, 60)}`);
  }
}
