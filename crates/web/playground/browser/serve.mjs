// A server of static files under /playground/, for the test.
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { dirname, extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";

const TYPES = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".json": "application/json",
  ".wasm": "application/wasm",
};

/** What a page may load, as the server says it: read from there, so that both say the same. */
async function policy() {
  const here = dirname(fileURLToPath(import.meta.url));
  const source = await readFile(join(here, "../../../server/src/pages.rs"), "utf8");
  const [, text] = /^const POLICY: &str = "([^"]*)";/m.exec(source) ?? [];
  if (!text) throw new Error("crates/server/src/pages.rs has no POLICY that can be read");
  // In Rust a backslash leaves out the end of the line, and the spaces at the beginning of the next one.
  return text.replace(/\\\n\s*/g, "");
}

/** Serves a folder; the address, and how to stop. */
export async function serve(folder) {
  const headers = { "content-security-policy": await policy(), "x-content-type-options": "nosniff" };
  const server = createServer(async (request, response) => {
    const { pathname } = new URL(request.url, "http://localhost");
    const path = normalize(decodeURIComponent(pathname.replace(/^\/playground\//, ""))) || ".";
    const file = join(folder, path === "." ? "index.html" : path);
    try {
      const body = await readFile(file);
      response.writeHead(200, { ...headers, "content-type": TYPES[extname(file)] ?? "text/plain; charset=utf-8" });
      response.end(body);
    } catch {
      response.writeHead(404);
      response.end();
    }
  });
  await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
  return { address: `http://127.0.0.1:${server.address().port}/playground/`, stop: () => server.close() };
}
