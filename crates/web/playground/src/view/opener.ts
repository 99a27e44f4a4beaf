/** The list of what can be opened: scenarios, cases, kept journals and runs, and files of one's own. */

import { button, h, morph } from "./dom.js";

/** A file that the build has put beside the playground. */
export interface Bundled {
  group: string;
  name: string;
  title: string;
  path: string;
}

/** So many of a group are listed at once: who looks for others writes what is in their titles. */
const MOST = 60;

/** Fills the dialog. */
export function drawOpener(dialog: HTMLElement, files: readonly Bundled[], wanted: string): void {
  const words = wanted.toLowerCase().split(/\s+/).filter((word) => word !== "");
  const found = files.filter(({ group, name, title }) => {
    const text = `${group} ${name} ${title}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const groups = [...new Set(files.map(({ group }) => group))];
  const list = h(
    "div",
    { class: "found", id: "found" },
    h("p", { class: "quiet", role: "status" }, `${found.length} of ${files.length} files`),
    ...groups.map((group) => {
      const mine = found.filter((file) => file.group === group);
      return h(
        "details",
        { "data-key": group, open: words.length > 0 && mine.length > 0 },
        h("summary", {}, `${group} (${mine.length})`),
        h(
          "ul",
          {},
          ...mine.slice(0, MOST).map(({ name, title, path }) =>
            h("li", { "data-key": path }, button(name, { type: "open", path }), h("span", {}, title)),
          ),
          mine.length > MOST && h("li", { class: "quiet" }, `and ${mine.length - MOST} more: write a word of their titles or a rule above`),
        ),
      );
    }),
  );
  const before = dialog.querySelector("#found");
  if (before) morph(before, list);
}
