// Drives the pages in Chromium by the keyboard: node live.mjs URL OPERATOR VIEWER INSTRUCTION FOLDER
// URL is a console's, beside a robot node and an arm that run; pictures of the page go to FOLDER.
import assert from "node:assert/strict";
import {drive, look, open} from "./browser.mjs";

const [url, operator, viewer, instruction, folder] = process.argv.slice(2);
const MARKUP = "<img src=x onerror=document.title='run'>";

const head = (page, words) => page.locator("h1", {hasText: words}).waitFor();

await drive(async () => {
  const page = await open(url, operator, "Ada");
  await head(page, "Ready");
  await page.locator("canvas[data-late-ms]").first().waitFor();
  await look(page, folder, "ready");
  const looker = await open(url, viewer, "Vera");
  assert.equal(await looker.getByRole("button", {name: "Stop"}).count(), 0, "a viewer has no stop");

  await page.keyboard.press("r");
  await page.keyboard.type(instruction);
  await page.keyboard.press("Enter");
  await head(page, /Acting|Holding/);
  await head(looker, /Acting|Holding/);
  for (const pane of [".pane.view", ".pane:not(.view)"])
    await page.locator(`${pane} .tip-way .line.ahead[d^=M]`).waitFor({state: "attached"});
  await page.screenshot({path: `${folder}/acting-desktop.png`});
  await page.keyboard.press("n");
  await page.keyboard.type(MARKUP);
  await page.keyboard.press("Tab");
  await page.keyboard.press("s");
  const ended = page.locator(".ended li").first();
  await ended.filter({hasText: "success"}).waitFor();
  assert.ok((await ended.textContent()).includes(MARKUP), "a note is shown as it was written");
  assert.equal(await page.locator(".ended img").count(), 0);
  await look(page, folder, "labelled");
  await page.keyboard.press("u");
  await ended.filter({hasText: "unlabelled"}).waitFor();

  await page.getByRole("link", {name: "Rollouts"}).focus();
  await page.keyboard.press("Enter");
  const recorded = page.locator(".rollout");
  await recorded.filter({hasText: "unlabelled"}).waitFor();
  await page.keyboard.press("r");
  await page.keyboard.type("no such words");
  await page.getByText("Nothing is like that.").waitFor();
  await page.locator("#words").fill("");
  await page.locator(".list").focus();
  await page.keyboard.press("ArrowDown");
  await page.locator(".detail", {hasText: instruction}).waitFor();
  await look(page, folder, "rollouts");
  await page.locator(".list").focus();
  await page.keyboard.press("f");
  await recorded.filter({hasText: "failure"}).waitFor();
  await page.keyboard.press("u");
  await recorded.filter({hasText: "unlabelled"}).waitFor();
  await page.getByRole("link", {name: "Live"}).focus();
  await page.keyboard.press("Enter");

  await page.keyboard.press("r");
  await page.keyboard.press("Escape"); // while a text is written, too
  await head(page, "Stopped");
  await head(looker, "Stopped");
  await look(looker, folder, "stopped");
  await page.getByRole("button", {name: "Release the stop"}).focus();
  await page.keyboard.press("Enter");
  await head(page, "Ready");
});
