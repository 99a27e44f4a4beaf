// Makes target/pages: a folder of static files with relative addresses, which `roomcall-server try --pages` serves. The
// npm package must have been built, since its modules are copied, and its compiler is used.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { rules } from "../shared/rules.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
/** The package: it may be built elsewhere. */
const npm = process.env.ROOMCALL_NPM ?? join(here, "../npm");
const out = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "pages");

for (const part of ["dist/client/index.js", "wasm/handset_bg.wasm", "node_modules/typescript/bin/tsc"]) {
  if (!existsSync(join(npm, part))) {
    console.error(`${join(npm, part)} is missing: build the npm package first, with \`cargo xtask npm\``);
    process.exit(1);
  }
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const file of ["index.html", "style.css", "icon.svg"]) cpSync(join(here, file), join(out, file));
cpSync(join(here, "../shared/base.css"), join(out, "base.css"));
for (const part of ["dist", "wasm"]) {
  // The switchboard is a module of its own, and for tests.
  const isUsed = (path) => !/\.(d\.ts|map)$|switchboard/.test(relative(npm, path));
  cpSync(join(npm, part), join(out, "roomcall", part), { recursive: true, filter: isUsed });
}

compile(packageAt(npm), join(out, "js"));
compile(join(here, "tsconfig.sw.json"), out);
for (const name of readdirSync(join(out, "js"), { recursive: true })) {
  if (name.endsWith(".js")) resolveImports(name);
}
// Node, which the tests run in, asks for it; browsers do not.
for (const part of ["js", "roomcall"]) writeFileSync(join(out, part, "package.json"), '{"type":"module"}\n');
// The page links to their texts.
const titles = Object.entries(rules()).map(([id, { title, anchor }]) => [id, { title, anchor }]);
writeFileSync(join(out, "rules.json"), JSON.stringify(Object.fromEntries(titles)));
console.log(out);

function compile(project, folder) {
  const options = ["-p", project, "--outDir", folder, "--noEmit", "false"];
  const tsc = join(npm, "node_modules/typescript/bin/tsc");
  execFileSync(process.execPath, [tsc, ...options], { stdio: "inherit" });
}

/** The project, with the package where it is. */
function packageAt(folder) {
  const project = join(here, "tsconfig.json");
  if (!process.env.ROOMCALL_NPM) return project;
  const paths = {
    roomcall: [join(folder, "dist/index.d.ts")],
    "roomcall/client": [join(folder, "dist/client/index.d.ts")],
  };
  const file = join(out, "../pages.tsconfig.json");
  const options = { paths, rootDir: join(here, "src") };
  writeFileSync(file, JSON.stringify({ extends: project, compilerOptions: options, include: [join(here, "src")] }));
  return file;
}

/** A browser has no packages: their names become relative addresses. */
function resolveImports(name) {
  const file = join(out, "js", name);
  const up = "../".repeat(name.split(sep).length);
  const modules = { roomcall: "index.js", "roomcall/client": "client/index.js" };
  const text = readFileSync(file, "utf8");
  const address = (_, from, name) => `${from}"${up}roomcall/dist/${modules[name]}"`;
  writeFileSync(file, text.replace(/(from )"(roomcall(?:\/client)?)"/g, address));
}
