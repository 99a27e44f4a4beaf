// Makes target/pages/playground: a folder of static files with relative addresses. The npm package must have been built, since
// its modules are copied, and its compiler is used.
import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rules } from "../shared/rules.mjs";

const here = dirname(fileURLToPath(import.meta.url));
const root = join(here, "../../..");
/** The package: it may be built elsewhere. */
const npm = process.env.ROOMCALL_NPM ?? join(here, "../npm");
const out = join(process.env.CARGO_TARGET_DIR ?? join(root, "target"), "pages/playground");

/** What of the package a browser needs. */
const PACKAGE = ["dist", "wasm", "package.json"];
for (const part of [...PACKAGE, "node_modules/typescript/bin/tsc"]) {
  if (!existsSync(join(npm, part))) {
    console.error(`${join(npm, part)} is missing: build the npm package first, with \`cargo xtask npm\``);
    process.exit(1);
  }
}

rmSync(out, { recursive: true, force: true });
mkdirSync(out, { recursive: true });
for (const file of ["index.html", "style.css"]) cpSync(join(here, file), join(out, file));
cpSync(join(here, "../shared/base.css"), join(out, "base.css"));
for (const part of PACKAGE) {
  const isCode = (path) => !/\.(d\.ts|map)$/.test(path);
  cpSync(join(npm, part), join(out, "roomcall", part), { recursive: true, filter: isCode });
}
const tsc = join(npm, "node_modules/typescript/bin/tsc");
execFileSync(process.execPath, [tsc, "-p", here, "--outDir", join(out, "js")], { stdio: "inherit" });
// Node, which the tests run in, asks for it; browsers do not.
writeFileSync(join(out, "js/package.json"), '{"type":"module"}\n');

writeFileSync(join(out, "rules.json"), JSON.stringify(rules()));
const files = [
  ...kept("scenarios", "spec/scenarios", ".scenario"),
  ...kept("journals", "tests/journals", ".ndjson"),
  ...kept("networks", "tests/networks", ".ndjson"),
  ...cases("handset"),
  ...cases("switchboard"),
];
writeFileSync(join(out, "files.json"), JSON.stringify(files));
console.log(`${out}: ${files.length} files to open, ${Object.keys(rules()).length} rules`);

/** The kept files of a folder, copied, in the order of their numbers. */
function kept(group, folder, end) {
  const names = readdirSync(join(root, folder)).filter((name) => name.endsWith(end));
  names.sort(new Intl.Collator("en", { numeric: true }).compare);
  mkdirSync(join(out, "files", group), { recursive: true });
  return names.map((name) => {
    const text = readFileSync(join(root, folder, name), "utf8");
    writeFileSync(join(out, "files", group, name), text);
    const { title, why } = JSON.parse(text.slice(0, text.indexOf("\n")));
    return { group, name: name.slice(0, -end.length), title: title ?? why ?? "", path: `${group}/${name}` };
  });
}

/** The conformance cases of a role, each as a file. */
function cases(role) {
  const text = readFileSync(join(root, `crates/testkit/conformance/v1/${role}.ndjson`), "utf8");
  const group = `${role} cases`;
  const folder = `${role}-cases`;
  mkdirSync(join(out, "files", folder), { recursive: true });
  return text
    .split(/^(?=\{"conformance")/m)
    .filter((part) => part !== "")
    .map((part) => {
      const setup = JSON.parse(part.slice(0, part.indexOf("\n")));
      const name = setup.case.slice(setup.case.indexOf("/") + 1);
      const file = `${name.replace(/[^\w.-]/g, "-")}.ndjson`;
      writeFileSync(join(out, "files", folder, file), part);
      return { group, name, title: `${setup.rules.join(" ")}: ${setup.title}`, path: `${folder}/${file}` };
    });
}
