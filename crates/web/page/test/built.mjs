// Where the page is built to: `node build.mjs` first.
import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = join(dirname(fileURLToPath(import.meta.url)), "../../../..");
export const folder = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "pages");

/** A module of the page, or of the package beside it. */
export function built(path) {
  const file = join(folder, path);
  if (!existsSync(file)) throw new Error(`${file} is missing: run \`node build.mjs\` first`);
  return import(file);
}
