/** What differs between what should have come and what came, in words. */

/** A difference: where, and what stands there on both sides. */
export interface Difference {
  /** Which output, counted from 1. */
  output: number;
  text: string;
}

/** The differences of two lists of outputs. Messages are for people, and never compared. */
export function compare(expected: readonly unknown[], actual: readonly unknown[], noun: string): Difference[] {
  const differences: Difference[] = [];
  const [want, came] = [expected.map(normalize), actual.map(normalize)];
  for (let at = 0; at < Math.max(want.length, came.length); at += 1) {
    const output = at + 1;
    if (at >= came.length) {
      differences.push({ output, text: `${noun} ${output} is missing: ${brief(want[at])}` });
    } else if (at >= want.length) {
      differences.push({ output, text: `${noun} ${output} is not expected: ${brief(came[at])}` });
    } else {
      differ(want[at], came[at], "").forEach((text) =>
        differences.push({ output, text: `${noun} ${output}: ${text}` }),
      );
    }
  }
  return differences;
}

/** Where two values differ. */
function differ(expected: unknown, actual: unknown, where: string): string[] {
  if (isObject(expected) && isObject(actual)) {
    const fields = [...new Set([...Object.keys(expected), ...Object.keys(actual)])];
    return fields.flatMap((field) => {
      if (field === "message") return [];
      const path = where === "" ? field : `${where}.${field}`;
      if (!(field in actual)) return [`${path} is missing, ${brief(expected[field])} is expected`];
      if (!(field in expected)) return [`${path} is ${brief(actual[field])}, and none is expected`];
      return differ(expected[field], actual[field], path);
    });
  }
  if (Array.isArray(expected) && Array.isArray(actual)) {
    if (expected.length !== actual.length) {
      return [`${where} has ${actual.length} entries, ${expected.length} are expected`];
    }
    return expected.flatMap((value, at) => differ(value, actual[at], `${where}[${at}]`));
  }
  if (Object.is(expected, actual)) return [];
  return [`${where || "the value"} is ${brief(actual)}, ${brief(expected)} is expected`];
}

/** A field that is null is one that is absent. */
function normalize(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(normalize);
  if (!isObject(value)) return value;
  const kept = Object.entries(value).filter(([, field]) => field !== null);
  return Object.fromEntries(kept.map(([name, field]) => [name, normalize(field)]));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);

function brief(value: unknown): string {
  const text = JSON.stringify(value) ?? "nothing";
  return text.length > 120 ? `${text.slice(0, 119)}…` : text;
}
