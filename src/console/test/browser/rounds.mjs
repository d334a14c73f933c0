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
  assert.match(await page.locator(".runs").textContent(), /382 of 500, 76 % \(72 to 80\)/);
  await page.getByRole("checkbox", {name: "Curves of models beside the others"}).focus();
  await page.keyboard.press("Space");
  await page.locator(".run-legend span", {hasText: "models"}).waitFor();
  await page.locator(".chart path.line").first().waitFor();
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
