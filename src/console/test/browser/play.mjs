// Drives Play by the keyboard: node play.mjs URL OPERATOR VIEWER FOLDER
// URL is a console's with the round that TinyRound trains; pictures of the page go to FOLDER.
import assert from "node:assert/strict";
import {drive, look, open, wrong} from "./browser.mjs";

const [url, operator, viewer, folder] = process.argv.slice(2);

await drive(async () => {
  const page = await open(url, operator, "Ada");
  const looker = await open(url, viewer, "Vera");
  const press = async name => {
    await page.getByRole("button", {name, exact: true}).focus();
    await page.keyboard.press("Enter");
  };
  const step = words => page.locator(".play-numbers dd", {hasText: words}).first().waitFor();
  for (const at of [page, looker]) {
    await at.getByRole("link", {name: "Play"}).focus();
    await at.keyboard.press("Enter");
  }
  await looker.locator(".play .empty", {hasText: "A viewer sees what others record"}).waitFor();
  assert.equal(await looker.locator(".play button:visible, .play select:visible").count(), 0, "a viewer opens nothing");

  await page.locator("#play-run option", {hasText: "tiny"}).first().waitFor({state: "attached"});
  await page.locator("#play-run").selectOption({label: "tiny"});
  await page.locator("#play-rollout option").nth(7).waitFor({state: "attached"});
  await page.locator("#play-rollout").selectOption("r0");
  await press("Open its world model");
  await step("0, 0 from the start");
  await page.locator(".play-screens canvas[data-drawn]").nth(1).waitFor();
  assert.equal(await page.locator(".steer-row").count(), 3, "a row for each of two joints, and the strength");

  // From another frame, by the slider; then by the keys, which go on from where nothing is written.
  await page.locator("#play-frame").focus();
  await page.keyboard.press("ArrowRight");
  await step("1, 0 from the start");
  await page.locator("#play-frame").evaluate(one => one.blur());
  await page.keyboard.press("ArrowRight");
  await step("2, 1 from the start");
  await page.keyboard.press("ArrowUp");
  await step("3, 2 from the start");
  assert.match(await page.locator(".screen-card [role=status]").textContent(), /Step 3: success .*counts/);
  await page.keyboard.press("c");
  await step("7, 6 from the start");
  await page.locator(".play-screens .none:visible", {hasText: "no such step in the recording"}).waitFor();
  await press("slide more");
  await step("8, 7 from the start");
  await page.getByRole("slider", {name: "lift, moves by"}).focus();
  await page.keyboard.press("Home");
  await press("Step by the sliders");
  await step("9, 8 from the start");
  assert.equal(await page.locator(".believed .chart path.line").count(), 4, "two curves, each with what is usual");
  await look(page, folder, "play");
  await page.evaluate(() => document.activeElement.blur());
  await page.keyboard.press("b");
  await step("1, 0 from the start");

  // A whole chunk of one's own at less strength, one of the policy and the way back by buttons; then another folder.
  await page.locator("#strength").press("ArrowLeft");
  await page.locator(".strength output", {hasText: "90 %"}).waitFor();
  await page.locator("#times").press("End");
  await page.getByRole("slider", {name: "slide, moves by"}).press("End");
  await press("Step by the sliders");
  await step("5, 4 from the start");
  await page.getByRole("button", {name: "One chunk by the policy"}).press("Enter");
  await step("9, 8 from the start");
  await page.getByRole("button", {name: "Back to the start"}).press("Enter");
  await step("1, 0 from the start");
  await page.locator("#play-from").press("End");
  await step("0, 0 from the start");

  // By a finger or a mouse: a button goes on as long as it is held, and no longer.
  await page.getByRole("button", {name: "slide more"}).hover();
  await page.mouse.down();
  await step(/^([2-9]|\d\d), /);
  await page.mouse.up();
  await page.getByRole("button", {name: "Back to the start"}).press("Enter");
  await step("0, 0 from the start");

  // One at a time, and what is closed can be opened again.
  const other = await open(url, operator, "Ben");
  await other.getByRole("link", {name: "Play"}).focus();
  await other.keyboard.press("Enter");
  await other.locator("#play-rollout option").nth(7).waitFor({state: "attached"});
  await other.getByRole("button", {name: "Open its world model"}).focus();
  await other.keyboard.press("Enter");
  await other.locator(".play .fault", {hasText: "Ada plays in tiny"}).waitFor();
  assert.match(wrong.pop(), /409/, "what was refused, as Chromium says it");
  await press("Close it");
  await page.getByRole("button", {name: "Open its world model"}).waitFor();
  assert.equal(await page.locator(".steer-card:visible").count(), 0);
});
