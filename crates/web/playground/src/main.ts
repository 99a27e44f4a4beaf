/** Starts the playground: loads what it needs, draws, and listens. */

import { App, type Command } from "./app.js";
import { loadEngine } from "./load.js";
import { EXAMPLES } from "./model/examples.js";
import { h, morph, seconds } from "./view/dom.js";
import { fileView, lineWords } from "./view/file.js";
import { topOf, tops } from "./view/lane.js";
import { meetingView } from "./view/meeting.js";
import { drawOpener, type Bundled } from "./view/opener.js";
import { setRules } from "./view/rule.js";

const find = <E extends HTMLElement>(id: string): E => document.getElementById(id) as E;
const json = async (path: string): Promise<any> => (await fetch(path)).json();

const [engine, rules, files] = await Promise.all([
  loadEngine(new URL("roomcall/", document.baseURI)),
  json("rules.json"),
  json("files.json") as Promise<Bundled[]>,
]);
setRules(rules);
const app = new App(engine);
const view = find("view");
const dialog = find<HTMLDialogElement>("opener");
const still = matchMedia("(prefers-reduced-motion: reduce)");

/** The last thing that was said to who listens: not each step of a meeting that plays fast. */
let said = "";
let saidAt = 0;

function draw(): void {
  const had = view.contains(document.activeElement);
  const { stepping, history, playing, speed, now, selected } = app;
  const content = stepping ? fileView(stepping) : meetingView({ history, playing, speed, now, selected });
  morph(view, h("main", { id: "view", tabindex: -1 }, content));
  if (had && document.activeElement === document.body) {
    (view.querySelector<HTMLElement>('[data-key="step"]:not([disabled])') ?? view).focus();
  }
  document.body.classList.toggle("stepping", stepping !== null);
  const text = stepping ? lineWords(stepping) : history.frame.title;
  if (text !== said && performance.now() - saidAt > 700) {
    find("live").textContent = text;
    [said, saidAt] = [text, performance.now()];
  }
}

/** Only messages move between two steps. */
function move(): void {
  const { frame } = app.history;
  const clock = view.querySelector(".clock");
  if (clock) clock.textContent = seconds(app.now);
  if (still.matches) return;
  frame.phones.forEach((_, phone) => {
    for (const [id, top] of tops(frame.flight, phone, app.now)) {
      const message = view.querySelector<HTMLElement>(`[data-packet="${id}"]`);
      if (message) message.style.top = topOf(top);
    }
  });
}

let before = performance.now();
function tick(time: number): void {
  const ms = Math.min(100, time - before);
  before = time;
  if (app.playing && !app.stepping) {
    const wasAt = Math.floor(app.now / 1000);
    const changed = app.pass(ms);
    if (changed || !app.playing || Math.floor(app.now / 1000) !== wasAt) draw();
    else move();
  }
  requestAnimationFrame(tick);
}

function tell(text: string): void {
  find("notice").textContent = text;
}

function openText(name: string, text: string): void {
  try {
    app.open(name, text);
    tell("");
  } catch (error) {
    tell(`${name} cannot be opened: ${error instanceof Error ? error.message : error}`);
  }
  dialog.close();
  draw();
  view.focus();
}

async function openBundled(path: string): Promise<void> {
  const file = files.find((file) => file.path === path);
  if (!file) return tell(`there is no ${path} here`);
  const response = await fetch(`files/${path}`);
  window.history.replaceState(null, "", `#file=${path}`);
  openText(file.name, await response.text());
}

async function openAddress(): Promise<void> {
  const { hash } = location;
  const [path, example] = [/^#file=(.+)$/.exec(hash)?.[1], /^#example=(\w+)$/.exec(hash)?.[1]];
  if (path !== undefined) return openBundled(decodeURIComponent(path));
  if (example !== undefined) {
    app.example(example);
    find<HTMLSelectElement>("example").value = example;
  }
  if (hash.startsWith("#run=") && !app.openFragment(hash)) tell("The address has no meeting that can be read.");
  draw();
}

function download(name: string, text: string): void {
  const address = URL.createObjectURL(new Blob([text], { type: "application/x-ndjson" }));
  h("a", { href: address, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(address), 1_000);
}

document.addEventListener("click", (event) => {
  const target = (event.target as Element).closest<HTMLElement>("[data-do]");
  if (!target) return;
  const command = JSON.parse(target.dataset["do"]!) as Command | { type: "open"; path: string };
  if (command.type === "open") return void openBundled(command.path);
  const before = app.selected;
  app.run(command);
  draw();
  if (command.type !== "select") return;
  // Who selects by keyboard is led to what can be done, and back.
  const selector = command.packet === null ? `[data-packet="${before}"]` : ".message button";
  if (event.detail === 0) view.querySelector<HTMLElement>(selector)?.focus();
});

document.addEventListener("input", ({ target }) => {
  if (!(target instanceof HTMLInputElement || target instanceof HTMLSelectElement)) return;
  const { value } = target;
  switch (target.dataset["input"]) {
    case "seek":
      app.run({ type: "seek", at: Number(value) });
      break;
    case "line":
      app.run({ type: "line", at: Number(value) });
      break;
    case "speed":
      app.speed = Number(value);
      break;
    case "example":
      app.example(value);
      window.history.replaceState(null, "", `#example=${value}`);
      break;
    case "search":
      return drawOpener(dialog, files, value);
    case "file": {
      const file = (target as HTMLInputElement).files?.[0];
      if (file) void file.text().then((text) => openText(file.name, text));
      target.value = "";
      return;
    }
    default:
      return;
  }
  draw();
});

/** What a key does to a message that has the focus. */
const KEYS: Record<string, (packet: number) => Command> = {
  d: (packet) => ({ type: "act", action: { do: "drop", packet } }),
  l: (packet) => ({ type: "act", action: { do: "delay", packet, ms: 3000 } }),
  r: (packet) => ({ type: "act", action: { do: "repeat", packet } }),
  o: (packet) => ({ type: "act", action: { do: "overtake", packet } }),
  n: (packet) => ({ type: "act", action: { do: "deliver", packet } }),
};

document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey || dialog.open) return;
  const target = event.target as HTMLElement;
  const packet = Number(target.dataset["packet"] ?? NaN);
  const ofMessage = KEYS[event.key];
  if (ofMessage && !Number.isNaN(packet)) app.run(ofMessage(packet));
  else if (["INPUT", "SELECT", "TEXTAREA"].includes(target.tagName)) return;
  else if (event.key === "Escape" && app.selected !== null) {
    const before = app.selected;
    app.run({ type: "select", packet: null });
    view.querySelector<HTMLElement>(`[data-packet="${before}"]`)?.focus();
  } else if (event.key === "ArrowRight") app.run(app.stepping ? { type: "line", at: app.stepping.at + 1 } : { type: "step" });
  else if (event.key === "ArrowLeft") app.run(app.stepping ? { type: "line", at: app.stepping.at - 1 } : { type: "seek", at: app.history.at - 1 });
  else if (event.key === " " && target.closest("button, a, summary, pre") === null) app.run({ type: "play" });
  else return;
  event.preventDefault();
  draw();
});

document.addEventListener("dragover", (event) => event.preventDefault());
document.addEventListener("drop", (event) => {
  event.preventDefault();
  const file = event.dataTransfer?.files[0];
  if (file) void file.text().then((text) => openText(file.name, text));
});

find("open").addEventListener("click", () => {
  drawOpener(dialog, files, "");
  find<HTMLInputElement>("search").value = "";
  dialog.showModal();
});
find("save").addEventListener("click", () => {
  download("meeting.ndjson", app.journal());
  tell("Saved. Play it with: cargo run --example replay -- meeting.ndjson --explain");
});
find("link").addEventListener("click", () => {
  window.history.replaceState(null, "", `#${app.fragment()}`);
  const copied = navigator.clipboard?.writeText(location.href) ?? Promise.reject();
  copied.then(
    () => tell("The address of this meeting is copied."),
    () => tell("The address of this page is now that of this meeting."),
  );
});
window.addEventListener("hashchange", () => void openAddress());

const examples = find<HTMLSelectElement>("example");
examples.append(...EXAMPLES.map(({ id, title }) => h("option", { value: id, selected: id === "race" }, title)));
await openAddress();
find("loading").remove();
document.body.classList.add("ready");
requestAnimationFrame(tick);
