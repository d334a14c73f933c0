// Drives Rounds by the keyboard: node rounds.mjs URL VIEWER RUNS FOLDER
// URL is a console's with the runs that RunsTest makes in RUNS; pictures of the page go to FOLDER.
import assert from "node:assert/strict";
import {appendFile} from "node:fs/promises";
import {join} from "node:path";
import {drive, look, open} from "./browser.mjs";

const [url, viewer, runs, folder] = process.argv.slice(2);
const MARKUP = "<img src=x onerror=document.title='run'>";

await drive(async () => {
  const page = await open(url, viewer, "Vera");
  const press = async name => {
    await page.getByRole("button", {name, exact: true}).focus();
    await page.keyboard.press("Enter");
  };
  await page.getByRole("link", {name: "Rounds"}).focus();
  await page.keyboard.press("Enter");
  await press("rounds/<b>0001</b>");
  await page.locator(".run-head h2", {hasText: "rounds/<b>0001</b>"}).waitFor();
  assert.equal(await page.locator(".rounds b b, .runs b").count(), 0, "a name is shown as it is written");
  assert.equal(await page.locator(".stages [data-stage=done]").count(), 4);
  await page.locator(".films figcaption", {hasText: MARKUP}).waitFor();
  await page.locator(".films img").scrollIntoViewIfNeeded();
  await page.waitForFunction(() => document.querySelector(".films img")?.naturalWidth > 0);
  assert.match(await page.locator(".audit-card").textContent(), /128 starts, 8 imagined from each; imagined less real −2 points \(−8 to 4\): to be believed/);
  assert.match(await page.locator(".audit-card").textContent(), /26 first frames, 8 imagined from each; imagined less real −9 points \(−27 to 9\)The same, along the way too/);
  assert.match(await page.locator(".audit-card").textContent(), /152 moments of these rollouts, first frames among them; imagined less real −5 points \(−13 to 3\): NOT to be believed, the world model goes its own way/);
  assert.match(await page.locator(".runs").textContent(), /382 of 500, 76 % \(72 to 80\)/);
  // The groups: the newest, and by pages and iterations the others; a line that tells none is said.
  const sum = words => page.locator(".groups-card [role=status]", {hasText: words}).waitFor();
  await sum("640 groups of iterations 0 to 39; 617 to 640 are shown");
  assert.equal(await page.locator(".group").count(), 24);
  await press("Older");
  await sum("593 to 616 are shown");
  await page.locator("#group-iteration").focus();
  await page.keyboard.type("2");
  await page.keyboard.press("Enter");
  await sum("33 to 56 are shown");
  await press("Newer");
  await sum("57 to 80 are shown");
  await press("Show");
  await sum("33 to 56 are shown");
  const fourth = page.locator(".group").nth(3);
  assert.match(await fourth.textContent(), /Iteration 2 · 7 of 8 succeeded.*from frame 12 of 20261130T100000003-0001/);
  assert.equal(await fourth.locator(".members li").count(), 8);
  assert.match(await fourth.locator(".members li").nth(7).textContent(), /failed, advantage .*−2.47, trusted cut/);
  await press("Oldest");
  await page.locator(".group", {hasText: "0 of 8 succeeded: nothing to learn from"}).first().waitFor();
  await press("Newest");
  const groups = join(runs, "rounds/<b>0001</b>/training/groups.jsonl");
  await appendFile(groups, `{"step":40\n${JSON.stringify({step: 40, draw: 0, episode: "e", frame: 0, instruction: MARKUP, success: [1, 0], advantage: [0.7071, -0.7071]})}\n`);
  await page.locator(".group", {hasText: MARKUP}).waitFor();
  await page.locator(".bad-lines", {hasText: 'Line 641 of groups.jsonl tells no group: it is cut off, or no JSON: {"step":40'}).waitFor();
  await look(page, folder, "groups", page.locator(".groups-card"));
  await page.getByRole("checkbox", {name: "Curves of models beside the others"}).focus();
  await page.keyboard.press("Space");
  await page.locator(".run-legend span", {hasText: "models"}).waitFor();
  await page.locator(".chart path.line").first().waitFor();
  const [frames] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", {name: "every frame"}).first().press("Enter")]);
  await frames.waitForLoadState();
  assert.match(frames.url(), /api\/film/);
  await frames.close();
  await page.evaluate(() => window.scrollTo(0, 0));
  await look(page, folder, "rounds");
  await press("models");
  await page.locator(".run-head .run-state", {hasText: "the trainer is gone before its end"}).waitFor();
  await page.locator("[data-stage=stopped]", {hasText: "581 of 2000"}).waitFor();

  // What a trainer writes comes by itself, and what is open stays open.
  const more = page.locator("details[data-name=vae]");
  await more.locator("summary").focus();
  await page.keyboard.press("Enter");
  await appendFile(join(runs, "models", "vae.jsonl"), '{"stage":"vae","step":600,"loss":0.03}\n');
  await page.locator("[data-stage=stopped]", {hasText: "601 of 2000"}).waitFor();
  await page.locator(".newest", {hasText: "0.03"}).first().waitFor();
  assert.ok(await more.evaluate(one => one.open && one.contains(document.activeElement)));
});
