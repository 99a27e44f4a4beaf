/** Letters that nobody else has, also where a page is not secure and `crypto.randomUUID` is not there. */
export function randomId(bytes: number): string {
  const all = crypto.getRandomValues(new Uint8Array(bytes));
  return [...all].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}
