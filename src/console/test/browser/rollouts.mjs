// Plays recorded episodes in Chromium by the keyboard: node rollouts.mjs URL OPERATOR ROLLOUTS FOLDER
// ROLLOUTS is the folder that is shown: bags of it are cut and deleted here. Pictures of the page go to FOLDER.
import assert from "node:assert/strict";
import {readdir, rm, stat, truncate} from "node:fs/promises";
import {join} from "node:path";
import {drive, look, open, wrong} from "./browser.mjs";

const [url, operator, rollouts, folder] = process.argv.slice(2);

await drive(async () => {
  const page = await open(url, operator, "Ada");
  await page.getByRole("link", {name: "Rollouts"}).focus();
  await page.keyboard.press("Enter");
  await page.locator(".rollout").first().waitFor();
  await page.locator(".list").focus();
  await page.keyboard.press("ArrowDown");
  const picture = at => page.locator(`.screen canvas[data-at="${at}"]`).first().waitFor();
  await picture(0);
  await page.locator(".thumbnail canvas[data-at]").nth(7).waitFor();
  await page.keyboard.press(".");
  await picture(1);
  await page.keyboard.press(",");
  await picture(0);
  await page.keyboard.press("p");
  await page.locator(".play", {hasText: "Play"}).waitFor();
  await picture(29); // it played to its end
  await page.locator(".time .slider").focus();
  await page.keyboard.press("Home");
  await picture(0);
  await page.locator(".event", {hasText: "clamped"}).focus();
  await page.keyboard.press("Enter");
  await picture(10);
  assert.match(await page.locator(".event", {hasText: "clamped"}).textContent(), /× 3/);
  assert.equal(await page.locator(".curves li").count(), 2);
  await look(page, folder, "played");
  const shown = page.getByText("<img src=x onerror=document.title='run'>");
  assert.ok(await shown.count() >= 4, "instructions are shown as they were written, in the list and beside");
  assert.equal(await page.locator(".rollouts img").count(), 0);
  assert.ok(!(await page.title()).startsWith("run"));

  // The picture that cannot be decoded is said, and the next one is shown.
  await page.locator(".time .slider").focus();
  await page.keyboard.press("End");
  await picture(29);
  await page.evaluate(() => { const slider = document.querySelector(".time .slider"); slider.value = "2000"; slider.dispatchEvent(new Event("input")); });
  await page.locator(".screen .fault", {hasText: "cannot be shown"}).first().waitFor();
  await page.keyboard.press(".");
  await picture(21);

  // A bag that is cut while it is shown is said, and another one is played.
  const names = (await readdir(rollouts)).sort().reverse();
  const file = join(rollouts, names[0], (await readdir(join(rollouts, names[0]))).find(name => name.endsWith(".mcap")));
  await truncate(file, Math.floor((await stat(file)).size / 10));
  await page.keyboard.press(",");
  await page.keyboard.press(",");
  await page.locator(".screen .fault", {hasText: "is damaged"}).first().waitFor();
  await page.locator(".list").focus();
  await page.keyboard.press("ArrowDown");
  await picture(0);
  await rm(join(rollouts, names[1]), {recursive: true});
  await page.keyboard.press(".");
  await page.locator(".screen .fault", {hasText: /is not there|no rollout/}).first().waitFor();
  await page.locator(".list").focus();
  await page.keyboard.press("End");
  await picture(0);
  // The browser tells of each request that was refused; nothing else may be wrong.
  const others = wrong.filter(one => !/status of 4(04|09|22)/.test(one));
  wrong.splice(0, wrong.length, ...others);
});
