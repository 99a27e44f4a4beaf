// What the test in a browser is written with: a browser, users with devices, and what a person does and sees.
import assert from "node:assert/strict";
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { chromium } from "playwright-core";
import { folder } from "./built.mjs";

const address = process.argv[2];
if (!address) {
  console.error("usage: node test/browser.mjs ADDRESS [FOLDER]");
  process.exit(2);
}
const shots = process.argv[3] ?? join(folder, "../page-screenshots");
mkdirSync(shots, { recursive: true });
const FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: FLAGS });
const PATIENCE = 15_000;

let failed = 0;
let number = 0;
/** A test has users of its own, so that no call of one is left for the next; and each user has a browser. */
export async function check(name, run) {
  number += 1;
  const contexts = [];
  const errors = [];
  const pages = [];
  const world = {
    errors,
    ana: `ana${number}`,
    bo: `bo${number}`,
    cy: `cy${number}`,
    room: `room${number}`,
    async profile(options = {}) {
      const context = await browser.newContext({ viewport: { width: 760, height: 900 }, ...options });
      contexts.push(context);
      return context;
    },
    async open(context, user, device) {
      const page = await context.newPage();
      pages.push(page);
      page.setDefaultTimeout(PATIENCE);
      page.on("pageerror", (error) => errors.push(error.message));
      page.on("console", (message) => message.type() === "error" && errors.push(message.text()));
      const asked = new URLSearchParams(device ? { device } : {});
      await page.goto(asked.size > 0 ? `${address}?${asked}` : address);
      await page.waitForSelector("body.ready");
      await page.fill("#name", user);
      await page.press("#name", "Enter");
      await says(page, "#standing", "Connected");
      return page;
    },
  };
  try {
    await run(world);
    assert.deepEqual(errors, []);
    console.log(`ok      ${name}`);
  } catch (error) {
    failed += 1;
    console.log(`FAILED  ${name}: ${error.message}`);
    for (const [at, page] of pages.entries())
      await page.screenshot({ path: join(shots, `failed-${number}-${at}.png`), fullPage: true }).catch(() => {});
  }
  for (const context of contexts) await context.close();
}

/** Waits until an element reads so. */
export async function says(page, selector, text) {
  const wanted = typeof text === "string" ? text : text.source;
  const isIt = ({ selector, wanted, isText }) => {
    const it = document.querySelector(selector);
    const read = it && it.getClientRects().length > 0 ? it.textContent.replace(/\s+/g, " ").trim() : null;
    return read !== null && (isText ? read.includes(wanted) : new RegExp(wanted).test(read));
  };
  try {
    await page.waitForFunction(isIt, { selector, wanted, isText: typeof text === "string" }, { timeout: PATIENCE, polling: 50 });
  } catch {
    const read = await page.evaluate((selector) => document.querySelector(selector)?.textContent, selector);
    throw new Error(`${selector} should say ${wanted}, and says ${JSON.stringify(read)}`);
  }
}
export const rings = (page, caller) => says(page, '#sheet[data-stage="ringing"]', `${caller} calls you into`);
export const silent = (page) => page.waitForSelector("#sheet", { state: "hidden" });
export const act = (page, name) => page.click(`#sheet [data-act="${name}"]`);
export const shot = (page, name) => page.screenshot({ path: join(shots, `${name}.png`), fullPage: true });

export async function enter(page, room) {
  await page.fill("#room", room);
  await page.click("#enter-form button");
  await says(page, "#in-room", `You are in ${room}.`);
}

export async function call(page, people, { seconds = 30, text = "" } = {}) {
  await page.fill("#people", people);
  await page.fill("#seconds", String(seconds));
  await page.fill("#text", text);
  await page.click("#call-form button");
}

/** Ana in a room, and bo with a phone and a tablet. */
export async function threeDevices(world) {
  const ana = await world.open(await world.profile(), world.ana);
  const phone = await world.open(await world.profile(), world.bo, "phone");
  const tablet = await world.open(await world.profile(), world.bo, "tablet");
  await enter(ana, world.room);
  return { ana, phone, tablet };
}

export function overflow(page) {
  return page.evaluate(() => {
    const width = document.documentElement.clientWidth;
    const all = [...document.querySelectorAll("body *")].filter((it) => it.getClientRects().length > 0 && !it.closest(".sr, .skip"));
    const wide = all.filter((it) => it.getBoundingClientRect().right > width + 0.5);
    return { scroll: document.documentElement.scrollWidth - width, wide: wide.slice(0, 3).map((it) => it.outerHTML.slice(0, 120)) };
  });
}

/** Closes the browser, says how many failed, and ends. */
export async function finish() {
  await browser.close();
  console.log(failed === 0 ? `${number} ok; screenshots in ${shots}` : `${failed} of ${number} failed; screenshots in ${shots}`);
  process.exit(failed === 0 ? 0 : 1);
}
