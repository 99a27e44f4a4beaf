// Plays the page in headless Chromium with real clicks and keys, against a server that runs:
//
//   roomcall-server try --listen 127.0.0.1:7480
//   node test/browser.mjs http://127.0.0.1:7480/ [FOLDER FOR SCREENSHOTS]
import assert from "node:assert/strict";
import { act, call, check, enter, finish, overflow, rings, says, shot, silent, threeDevices } from "./browser-kit.mjs";

await check("two devices ring, one accepts, the other says on which", async (world) => {
  const { ana, phone, tablet } = await threeDevices(world);
  await call(ana, world.bo, { text: "about lunch" });
  for (const device of [phone, tablet]) {
    await rings(device, world.ana);
    await says(device, "#sheet blockquote", "about lunch");
    await says(device, "#sheet .left", /^\d+ s left$/);
  }
  await says(ana, "#progress", `It rings at ${world.bo}’s.`);
  await says(ana, "#pending", `${world.bo} is being called by you`);
  await shot(ana, "caller");
  await phone.waitForFunction((name) => document.title === `☎ ${name} calls`, world.ana);
  await phone.waitForFunction((name) => document.title === `${name} · roomcall`, world.bo);
  await shot(phone, "rings");
  await act(phone, "accept");
  await silent(tablet);
  await says(tablet, "#outcome", "Answered on your device phone.");
  await says(phone, "#in-room", `You are in ${world.room}.`);
  await silent(phone);
  await says(ana, "#progress", `${world.bo} accepted.`);
  await says(ana, "#pending-none", "Nobody is being called.");
  await shot(tablet, "answered-elsewhere");
  await shot(phone, "joined");
});

await check("a rejection has its reason", async (world) => {
  const { ana, phone, tablet } = await threeDevices(world);
  await call(ana, world.bo);
  await rings(tablet, world.ana);
  await act(tablet, "busy");
  await says(phone, "#outcome", "Rejected on your device tablet.");
  await says(ana, "#progress", `${world.bo} is busy.`);
  await says(ana, "#pending", `${world.bo} rejected the call`);
  await ana.click('#pending [data-act="again"]');
  await rings(phone, world.ana);
  await act(phone, "reject");
  await says(ana, "#progress", `${world.bo} said no.`);
});

await check("a missed call has a badge on both devices, until it is seen on one", async (world) => {
  const { ana, phone, tablet } = await threeDevices(world);
  await call(ana, world.bo, { seconds: 2 });
  await rings(phone, world.ana);
  await says(ana, "#progress", `${world.bo} did not answer.`);
  for (const device of [phone, tablet]) {
    await silent(device);
    await says(device, "#badge", "1");
    await says(device, "#log", new RegExp(`${world.ana} into ${world.room} missed ?just now`));
  }
  assert.match(await phone.title(), /^\(1\)/);
  await shot(phone, "missed");
  await phone.click("#seen");
  for (const device of [phone, tablet]) await device.waitForSelector("#badge", { state: "hidden" });
  await tablet.reload();
  await says(tablet, "#standing", "Connected");
  await says(tablet, "#log", "missed");
  assert.equal(await tablet.isVisible("#badge"), false);
});

await check("the caller withdraws", async (world) => {
  const { ana, phone } = await threeDevices(world);
  await call(ana, `${world.bo}, ${world.cy}`);
  await rings(phone, world.ana);
  await says(ana, "#progress", `Calling ${world.cy} …`);
  await ana.click(`#progress [aria-label="Withdraw the call to ${world.bo}"]`);
  await silent(phone);
  await says(phone, "#outcome", "The caller hung up.");
  await says(ana, "#progress", `You withdrew the call to ${world.bo}.`);
});

await check("silence and not here are of one device", async (world) => {
  const { ana, phone, tablet } = await threeDevices(world);
  await call(ana, world.bo);
  await rings(phone, world.ana);
  await act(phone, "silence");
  await says(phone, '#sheet[data-stage="waiting"]', "Waits, without a sound.");
  assert.equal(await phone.textContent("#announce"), "");
  await shot(phone, "silenced");
  await rings(tablet, world.ana);
  await act(tablet, "hide");
  await silent(tablet);
  await says(tablet, "#outcome", "Put away on this device");
  await says(ana, "#progress", `It rings at ${world.bo}’s.`);
  await act(phone, "accept");
  await says(ana, "#progress", `${world.bo} accepted.`);
});

await check("who is in another call does not hear it ring, and can answer", async (world) => {
  const { ana, phone, tablet } = await threeDevices(world);
  await phone.check("#occupied");
  await call(ana, world.bo);
  await says(phone, '#sheet[data-stage="waiting"]', "Waits, without a sound.");
  await rings(tablet, world.ana);
  await phone.uncheck("#occupied");
  await rings(phone, world.ana);
  await act(phone, "reject");
  await silent(tablet);
});

await check("a device that sleeps is woken by a push, and shows the call", async (world) => {
  const ana = await world.open(await world.profile(), world.ana);
  const profile = await world.profile();
  await profile.grantPermissions(["notifications"]);
  const bo = await world.open(profile, world.bo);
  const second = await world.open(profile, world.bo);
  await enter(ana, world.room);
  await bo.click("#sleep");
  for (const tab of [bo, second]) await says(tab, "#standing", "Asleep");
  await second.reload();
  await says(second, "#standing", "Asleep");
  await shot(bo, "asleep");
  // The worker has to have its request at the server: a push service has no past.
  await bo.waitForTimeout(500);
  await call(ana, world.bo);
  await rings(bo, world.ana);
  await rings(second, world.ana);
  await says(bo, "#happened", "A push came: ring");
  await says(bo, "#standing", "Connected");
  await shot(bo, "woken");
  const shown = () => bo.evaluate(async () => (await (await navigator.serviceWorker.ready).getNotifications()).map((it) => it.title));
  assert.deepEqual(await shown(), [`${world.ana} calls you`]);
  await act(bo, "accept");
  await says(ana, "#progress", `${world.bo} accepted.`);
  await silent(second);
  while ((await shown()).length > 0) await bo.waitForTimeout(50);
});

await check("a second tab follows the first, and goes on when that is closed", async (world) => {
  const ana = await world.open(await world.profile(), world.ana);
  const profile = await world.profile();
  const first = await world.open(profile, world.bo);
  const second = await world.open(profile, world.bo);
  assert.equal(await first.textContent("#me-device"), await second.textContent("#me-device"));
  await enter(ana, world.room);
  await call(ana, world.bo);
  for (const tab of [first, second]) await rings(tab, world.ana);
  await first.close();
  await rings(second, world.ana);
  await act(second, "accept");
  await says(second, "#in-room", `You are in ${world.room}.`);
  await says(ana, "#progress", `${world.bo} accepted.`);
});

await check("a page that is loaded anew shows the call again, and its own calls", async (world) => {
  const { ana, phone } = await threeDevices(world);
  await call(ana, world.bo);
  await rings(phone, world.ana);
  await phone.reload();
  await rings(phone, world.ana);
  await says(ana, "#progress", `It rings at ${world.bo}’s.`);
  await ana.reload();
  await says(ana, "#in-room", `You are in ${world.room}.`);
  await says(ana, "#progress", `It rings at ${world.bo}’s.`);
  await act(phone, "accept");
  await says(ana, "#progress", `${world.bo} accepted.`);
});

await check("by keyboard: the focus goes to the sheet and back", async (world) => {
  const { ana, phone } = await threeDevices(world);
  await phone.focus("#room");
  await call(ana, world.bo);
  await rings(phone, world.ana);
  assert.equal(await phone.evaluate(() => document.activeElement.id), "sheet");
  assert.match(await phone.textContent("#announce"), /calls you into/);
  for (const name of ["accept", "reject"]) {
    await phone.keyboard.press("Tab");
    assert.equal(await phone.evaluate(() => document.activeElement.dataset.act), name);
  }
  await phone.keyboard.press("Enter");
  await silent(phone);
  assert.equal(await phone.evaluate(() => document.activeElement.id), "room");
  await says(ana, "#progress", `${world.bo} said no.`);
});

await check("each tab in the room has its list, whenever it comes", async (world) => {
  const { ana: first, phone } = await threeDevices(world);
  const before = await world.open(first.context(), world.ana);
  await call(first, world.bo);
  await rings(phone, world.ana);
  await says(first, "#pending", `${world.bo} is being called by you`);
  await enter(before, world.room);
  const after = await world.open(first.context(), world.ana);
  await enter(after, world.room);
  for (const tab of [before, after]) await says(tab, "#pending", `${world.bo} is being called by you`);
  await act(phone, "reject");
  for (const tab of [first, before, after]) await says(tab, "#pending", `${world.bo} rejected the call`);
  await after.click("#leave");
  await after.waitForSelector("#pending-part", { state: "hidden" });
});

await check("who is in another call hears nothing after the page was loaded anew", async (world) => {
  const { ana, phone } = await threeDevices(world);
  await phone.check("#occupied");
  await call(ana, world.bo);
  await says(phone, '#sheet[data-stage="waiting"]', "Waits, without a sound.");
  await phone.reload();
  await says(phone, '#sheet[data-stage="waiting"]', "Waits, without a sound.");
  await says(phone, "#standing", "Connected");
  assert.doesNotMatch(await phone.textContent("#happened"), /It rings/);
});

await check("signing out in one tab is told in the other", async (world) => {
  const profile = await world.profile();
  const first = await world.open(profile, world.bo);
  const second = await world.open(profile, world.bo);
  await second.click("#sign-out");
  for (const tab of [first, second]) await says(tab, "#sign-in h2", "Who are you?");
});

await check("what cannot be read makes all tabs one new device", async (world) => {
  const ana = await world.open(await world.profile(), world.ana);
  await enter(ana, world.room);
  const profile = await world.profile();
  const first = await world.open(profile, world.bo);
  const second = await world.open(profile, world.bo);
  const third = await world.open(profile, world.bo);
  const device = await second.textContent("#me-device");
  const damage = ({ user, device }) => localStorage.setItem(`roomcall:${user}/${device}`, "nonsense");
  await second.evaluate(damage, { user: world.bo, device });
  await first.close();
  for (const tab of [second, third]) {
    await says(tab, "#happened", "What was saved of this device cannot be read.");
    await says(tab, "#standing", "Connected");
  }
  const now = await second.textContent("#me-device");
  assert.notEqual(now, device);
  assert.equal(await third.textContent("#me-device"), now);
  await call(ana, world.bo);
  for (const tab of [second, third]) await rings(tab, world.ana);
  await second.evaluate(damage, { user: world.bo, device: now });
  await Promise.all([second.close(), third.close()]);
  const next = await world.open(profile, world.bo);
  assert.notEqual(await next.textContent("#me-device"), now);
});

await check("signing out, and a name that does not do", async (world) => {
  const bo = await world.open(await world.profile(), world.bo);
  const device = await bo.textContent("#me-device");
  await bo.click("#sign-out");
  await says(bo, "#sign-in h2", "Who are you?");
  await bo.fill("#name", "x".repeat(300));
  await bo.press("#name", "Enter");
  await says(bo, "#sign-in-error", "That does not work");
  // The browser itself tells of the answer.
  world.errors.splice(0);
  await bo.fill("#name", world.bo);
  await bo.press("#name", "Enter");
  await says(bo, "#standing", "Connected");
  assert.notEqual(await bo.textContent("#me-device"), device);
});

await check("a connection that is gone is said, and comes back", async (world) => {
  const ana = await world.open(await world.profile(), world.ana);
  await enter(ana, world.room);
  const profile = await world.profile();
  let socket;
  await profile.routeWebSocket(/v1.socket/, (it) => {
    socket = it;
    it.connectToServer();
  });
  const bo = await world.open(profile, world.bo);
  const second = await world.open(profile, world.bo);
  await bo.route("**/try/token", (route) => route.abort());
  await socket.close({ code: 1001, reason: "the server ends this connection: connect again" });
  await says(bo, "#standing", /^Reconnecting in ([4-9]|1\d) s/);
  await shot(bo, "reconnecting");
  await call(ana, world.bo);
  await bo.unroute("**/try/token");
  await second.click("#try-now");
  await says(bo, "#standing", "Connected");
  await rings(bo, world.ana);
  world.errors.splice(0);
});

await check("a device that connects elsewhere is replaced, and can come back", async (world) => {
  const first = await world.open(await world.profile(), world.bo, "phone");
  const second = await world.open(await world.profile(), world.bo, "phone");
  await says(first, "#standing", "Replaced");
  await shot(first, "replaced");
  await first.click("#reload");
  await says(first, "#standing", "Connected");
  await says(second, "#standing", "Replaced");
});

await check("nothing is wider than the window, and details are closed", async (world) => {
  const { ana, phone } = await threeDevices(world);
  const long = "x".repeat(60);
  await call(ana, `${world.bo} ${world.cy}`, { seconds: 2 });
  await rings(phone, world.ana);
  await silent(phone);
  await call(ana, `${world.bo} ${long}`, { text: `a long text ${long} without a place to break` });
  await rings(phone, world.ana);
  await says(ana, "#progress", `It rings at ${world.bo}’s.`);
  for (const [name, page] of [["caller", ana], ["callee", phone]])
    for (const width of [320, 390, 760, 1200]) {
      await page.setViewportSize({ width, height: 900 });
      assert.deepEqual(await overflow(page), { scroll: 0, wide: [] }, `${name} at ${width}`);
      await shot(page, `${name}-${width}`);
    }
  await phone.emulateMedia({ colorScheme: "dark", reducedMotion: "reduce" });
  await shot(phone, "callee-dark");
  const visible = await phone.evaluate(() => document.body.innerText);
  assert.doesNotMatch(visible, /[{}]|":/);
  await phone.click("#happened details >> nth=0");
  await says(phone, "#happened details[open] pre", /"kind"/);
  const links = await phone.$$eval("#happened a", (all) => all.map((it) => it.href));
  assert.ok(links.length > 0 && links.every((it) => /spec\/rules\.md#[a-z]-\d\d-/.test(it)), links.join(" "));
});

await finish();
