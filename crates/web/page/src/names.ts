/** The names in what somebody typed, each once: between them are commas or spaces. */
export function namesIn(text: string): string[] {
  return [...new Set(text.split(/[\s,;]+/).filter((name) => name !== ""))];
}
