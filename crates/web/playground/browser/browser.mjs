// Plays the playground in headless Chromium with real clicks and keys, and takes screenshots: `npm run browser`. With an
// address as its first argument it plays what is served there.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { folder } from "../test/built.mjs";
import { serve } from "./serve.mjs";

const shots = join(folder, "../../playground-screenshots");
mkdirSync(shots, { recursive: true });
const [first, ...rest] = process.argv.slice(2);
const isAddress = /^https?:/.test(first ?? "");
const { address, stop } = isAddress ? { address: first, stop: () => undefined } : await serve(folder);
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: "--headless --no-sandbox --disable-gpu --disable-quic --no-first-run --disable-background-networking --disable-component-update --disable-sync".split(" "),
});

/** Only checks with these words in their names, if any are given. */
const only = (isAddress ? rest : process.argv.slice(2)).join(" ");

let failed = 0;
async function check(name, options, run) {
  if (!name.includes(only)) return;
  const context = await browser.newContext({ acceptDownloads: true, ...options });
  const page = await context.newPage();
  page.setDefaultTimeout(15_000);
  const errors = [];
  page.on("pageerror", (error) => errors.push(error.message));
  page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
  try {
    await page.goto(address + (options.hash ?? ""));
    await page.waitForSelector("body.ready");
    await run(page);
    assert.deepEqual(errors, []);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message}`);
    await page.screenshot({ path: join(shots, "failure.png"), fullPage: true }).catch(() => {});
  }
  await context.close();
}

const size = (width, height = 900) => ({ viewport: { width, height } });
const phone = (page, name) => page.locator(`article[aria-label="${name}"]`);
const shot = (page, name, fullPage = true) => page.screenshot({ path: join(shots, `${name}.png`), fullPage });

/** Steps until something is so. */
async function stepUntil(page, is) {
  for (let left = 60; left > 0; left -= 1) {
    if (await is()) return;
    await page.click('[data-key="step"]');
  }
  throw new Error("it does not come about in 60 steps");
}

const overflow = (page) =>
  page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const wide = [...document.querySelectorAll("body *")].filter(
      (it) => it.getBoundingClientRect().right > width + 0.5 && !it.closest(".sr, pre, .skip, .lines"),
    );
    return { scroll: document.documentElement.scrollWidth - width, wide: wide.slice(0, 3).map((it) => it.outerHTML.slice(0, 120)) };
  });

for (const width of [390, 1200]) {
  await check(`a race by clicks, at ${width}`, { ...size(width), hash: "#example=meeting" }, async (page) => {
    await phone(page, "ana's laptop").getByRole("button", { name: "Call bo" }).click();
    const [one, other] = [phone(page, "bo's phone"), phone(page, "bo's tablet")];
    await stepUntil(page, async () => (await one.getByRole("button", { name: "Accept" }).count()) > 0 && (await other.getByRole("button", { name: "Accept" }).count()) > 0);
    await shot(page, `ringing-${width}`);
    await one.getByRole("button", { name: "Accept" }).click();
    await other.getByRole("button", { name: "Accept" }).click();
    await page.locator(".packet.up", { hasText: "accept" }).first().waitFor();
    await shot(page, `race-${width}`);
    await stepUntil(page, async () => (await one.locator(".where").textContent()) === "in standup");
    await stepUntil(page, async () => (await other.textContent()).includes("answered on phone"));
    assert.equal(await other.locator(".where").textContent(), "");
    await stepUntil(page, async () => (await page.locator(".verdict").textContent()).includes("every screen agrees"));
    await shot(page, `agreed-${width}`);

    // Scrub back to the beginning and forth again.
    const line = page.locator('[data-input="seek"]');
    const count = Number(await line.getAttribute("max"));
    const before = await page.locator("#view").innerText();
    await line.focus();
    await page.keyboard.press("Home");
    assert.match(await page.locator(".now").textContent(), /^0 \/ /);
    assert.equal(await page.locator(".call.ringing").count(), 0);
    await page.keyboard.press("End");
    assert.equal(Number(await line.inputValue()), count);
    assert.equal(await page.locator("#view").innerText(), before);
  });

  await check(`a message is dropped, delayed and repeated by click and key, at ${width}`, { ...size(width), hash: "#example=meeting" }, async (page) => {
    await phone(page, "ana's laptop").getByRole("button", { name: "Call bo" }).click();
    await stepUntil(page, async () => (await page.locator(".packet.ring").count()) > 1);
    const rings = await page.locator(".packet.ring").count();
    await page.locator(".packet.ring").first().click();
    const panel = page.getByRole("group", { name: "The selected message" });
    await panel.waitFor();
    const box = await panel.boundingBox();
    assert.ok(box.y >= 0 && box.y + box.height <= 900, "what can be done to a message is in sight");
    await shot(page, `message-${width}`, false);
    await page.getByRole("button", { name: "Drop" }).click();
    assert.equal(await page.locator(".packet.ring").count(), rings - 1);
    await page.locator(".packet.ring").first().focus();
    await page.keyboard.press("r");
    assert.equal(await page.locator(".packet.ring").count(), rings);
    await page.keyboard.press("Enter");
    assert.equal(await page.evaluate(() => document.activeElement.textContent), "Drop");
    await page.keyboard.press("Escape");
    await page.keyboard.press("l");
    assert.ok((await page.locator(".packet.ring.stray").count()) >= 1);
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowLeft");
    assert.match(await page.locator("#live").textContent(), /\S/);
  });

  await check(`a scenario and a failing file are stepped through, at ${width}`, { ...size(width), hash: "#file=scenarios/10-two-devices-accept.scenario" }, async (page) => {
    await page.locator(".result.good").waitFor();
    await page.getByRole("button", { name: "Step", exact: true }).click();
    await shot(page, `scenario-${width}`);
    const text = readFileSync(join(folder, "files/scenarios/10-two-devices-accept.scenario"), "utf8");
    const wrong = text.replace('"because":"E-01"', '"because":"E-02"').replace('"isAccepted":true', '"isAccepted":false');
    const path = join(shots, "failing.scenario");
    writeFileSync(path, wrong);
    await page.getByRole("button", { name: "Open a file" }).click();
    await shot(page, `opener-${width}`, false);
    await page.locator('[data-input="file"]').setInputFiles(path);
    await page.locator(".result.bad").waitFor();
    assert.match(await page.locator(".differences").textContent(), /is expected/);
    await shot(page, `failing-${width}`);
    assert.match(await page.locator(".detail .rule").first().getAttribute("href"), /spec\/rules\.md#[a-z]-\d\d-/);
  });
}

await check("a kept journal, a handset case and a run of the network open from the list", size(1200), async (page) => {
  const openFile = async (words, name) => {
    await page.getByRole("button", { name: "Open a file" }).click();
    await page.getByRole("searchbox").fill(words);
    await page.locator("dialog").getByRole("button", { name }).first().click();
  };
  await openFile("rules-evict", /rules-evict/);
  await page.locator(".file .title").waitFor();
  await shot(page, "journal-1200");
  await openFile("handset push", /push/);
  await page.locator(".result.good").waitFor();
  await shot(page, "handset-case-1200");
  await openFile("a-late-list-event", /a-late-list-event/);
  await page.getByRole("button", { name: "Let messages flow" }).waitFor();
  await page.locator('[data-input="seek"]').focus();
  await page.keyboard.press("End");
  await shot(page, "network-1200");
});

await check("a phone is killed and woken by a push, and state is lost", { ...size(1200), hash: "#example=push" }, async (page) => {
  await stepUntil(page, async () => (await phone(page, "cy's phone").locator(".call.ringing").count()) === 1);
  await shot(page, "push-1200");
  await page.getByText("Set it back to an earlier state").click();
  await page.getByRole("button", { name: /the meeting begins/ }).click();
  await stepUntil(page, async () => (await page.locator(".verdict").textContent()).includes("every screen agrees"));
  assert.equal(await page.locator(".call").count(), 0);
});

await check("what was played is a journal and an address", { ...size(1200), hash: "#example=state" }, async (page) => {
  const [saved] = await Promise.all([page.waitForEvent("download"), page.getByRole("button", { name: "Save the journal" }).click()]);
  const path = join(shots, "meeting.ndjson");
  await saved.saveAs(path);
  const lines = readFileSync(path, "utf8").trim().split("\n");
  assert.equal(JSON.parse(lines[0]).journal, 1);
  assert.ok(lines.length > 5);
  if (process.env.REPLAY) execFileSync(process.env.REPLAY, [path, "--explain"], { stdio: "inherit" });
  await page.getByRole("button", { name: "Copy the link" }).click();
  const before = await page.locator("#view").innerText();
  await page.goto("about:blank");
  await page.goBack();
  await page.waitForSelector("body.ready");
  assert.equal(await page.locator("#view").innerText(), before);
});

await check("an address with nonsense in it is refused", { ...size(390), hash: "#example=race" }, async (page) => {
  const run = { v: 1, plan: { phones: [{ user: "<b>ana</b>", device: "x" }] }, actions: [{ do: "tap", phone: 0, tap: { nonsense: {} } }] };
  const before = await page.locator(".phones").innerText();
  await page.evaluate((fragment) => (location.hash = fragment), `#run=${Buffer.from(JSON.stringify(run)).toString("base64url")}`);
  await page.getByRole("alert").filter({ hasText: "no meeting" }).waitFor();
  assert.equal(await page.locator(".phones").innerText(), before);
});

await check("it plays by itself, and keeps the focus", { ...size(1200), hash: "#example=race" }, async (page) => {
  await page.locator('[data-input="speed"]').selectOption("5");
  await page.locator('[data-key="play"]').focus();
  await page.keyboard.press("Enter");
  await page.waitForFunction(() => document.querySelector(".verdict").textContent.includes("every screen agrees"));
  assert.equal(await page.evaluate(() => document.activeElement.dataset.key), "play");
});

await check("everything is reached by keyboard", { ...size(1200), hash: "#example=race" }, async (page) => {
  await page.evaluate(() => document.querySelectorAll("#view details").forEach((it) => (it.open = true)));
  const wanted = await page.locator("#view button:not([disabled]), #view summary, #view select, #view input").count();
  const reached = new Set();
  for (let left = 200; left > 0; left -= 1) {
    await page.keyboard.press("Tab");
    const at = await page.evaluate(() => {
      const it = document.activeElement;
      if (!it?.closest("#view")) return null;
      const all = [...document.querySelectorAll("#view button:not([disabled]), #view summary, #view select, #view input")];
      return all.indexOf(it);
    });
    if (at !== null && at >= 0) reached.add(at);
  }
  assert.equal(reached.size, wanted);
});

await check("dark, and without motion", { ...size(1200), colorScheme: "dark", reducedMotion: "reduce", hash: "#example=race" }, async (page) => {
  await shot(page, "dark-1200");
});

for (const width of [320, 360, 390, 480, 560, 640, 760, 900, 1000, 1100, 1200]) {
  for (const hash of ["#example=race", "#example=state", "#file=scenarios/00-a-meeting.scenario"]) {
    await check(`no overflow at ${width} of ${hash}`, { ...size(width), hash }, async (page) => {
      const { scroll, wide } = await overflow(page);
      assert.ok(scroll <= 0, `the page is ${scroll} pixels too wide: ${wide}`);
      assert.deepEqual(wide, []);
    });
  }
}

await browser.close();
stop();
console.log(`screenshots: ${shots}`);
if (failed > 0) {
  console.log(`${failed} failed`);
  process.exit(1);
}
