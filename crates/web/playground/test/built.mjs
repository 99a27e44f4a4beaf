// What the build has made, for the tests: `node build.mjs` comes first.
import { readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../../..");

/** The folder of the playground. */
export const folder = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "pages/playground");

/** A module of it. */
export const load = (file) => import(pathToFileURL(join(folder, "js", file)).href);

/** A file that it opens, or knows. */
export const read = (path) => readFileSync(join(folder, path), "utf8");

/** The machines. */
export async function engine() {
  const { loadEngine } = await load("load.js");
  return loadEngine(pathToFileURL(join(folder, "roomcall/")));
}
