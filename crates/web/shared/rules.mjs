// The rules as a page shows them: title, anchor in spec/rules.md and text, by id.
import { readFileSync } from "node:fs";

const file = new URL("../../../spec/rules.md", import.meta.url);

export function rules() {
  const all = {};
  for (const part of readFileSync(file, "utf8").split(/^### /m).slice(1)) {
    const heading = part.slice(0, part.indexOf("\n"));
    const [, id, title] = /^([A-Z]-\d\d) (.+)$/.exec(heading) ?? [];
    if (!id) continue;
    const body = part.slice(heading.length).split(/^(?:From: |## )/m)[0];
    all[id] = { title, anchor: anchor(heading), text: body.trim().replaceAll("**", "").replaceAll("\n", " ") };
  }
  return all;
}

/** What a heading is called in an address. */
function anchor(heading) {
  const kept = heading.toLowerCase().replace(/[^\p{Letter}\p{Number} _-]/gu, "");
  return kept.replaceAll(" ", "-");
}
