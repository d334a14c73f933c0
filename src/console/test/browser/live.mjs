// Drives the pages in Chromium by the keyboard: node live.mjs URL OPERATOR VIEWER INSTRUCTION FOLDER
// URL is a console's, beside an arm and a robot node whose policy is in shadow; pictures of the page go to FOLDER.
import assert from "node:assert/strict";
import {blank, drive, look, open, wrong} from "./browser.mjs";

const [url, operator, viewer, instruction, folder] = process.argv.slice(2);
const MARKUP = "<img src=x onerror=document.title='run'>";

const head = (page, words) => page.locator("h1", {hasText: words}).waitFor();

await drive(async () => {
  // A wrong token is refused, the right one is taken.
  const late = await blank("Late");
  await late.goto(url);
  await late.locator("#person").waitFor();
  await late.keyboard.type("Late");
  await late.keyboard.press("Tab");
  await late.keyboard.type("guess");
  await late.keyboard.press("Enter");
  await late.locator(".refused", {hasText: "the token is wrong"}).waitFor();
  assert.match(wrong.pop(), /401/, "what was refused, as Chromium says it");
  await look(late, folder, "sign-in");
  await late.locator("#token").fill(viewer);
  await late.getByRole("button", {name: "Sign in"}).press("Enter");
  await head(late, "Ready");
  await late.locator(".person").press("Enter");
  await late.locator("#person").waitFor();
  await late.context().close();

  const page = await open(url, operator, "Ada");
  const press = name => page.locator("main.live").getByRole("button", {name}).press("Enter");
  await head(page, "Ready");
  await page.locator("main.live .notices", {hasText: "shadow"}).waitFor();
  await page.locator("canvas[data-late-ms]").first().waitFor();
  await look(page, folder, "ready");
  const looker = await open(url, viewer, "Vera");
  assert.equal(await looker.getByRole("button", {name: "Stop"}).count(), 0, "a viewer has no stop");

  await press("Let it move the arm");
  await page.getByRole("button", {name: "Let it move the arm"}).waitFor({state: "hidden"});

  await page.keyboard.press("r");
  await page.keyboard.type(instruction);
  await page.keyboard.press("Enter");
  await head(page, "Acting");
  await head(looker, "Acting");
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

  // The same by buttons, for training and with another limit; then by the other keys.
  await page.locator("#limit").press("Control+a");
  await page.keyboard.type("20");
  await page.locator("#drawn").press("Space");
  await press(/^Run/);
  await head(page, "Acting");
  for (const [button, word] of [["Failure", "failure"], ["Success", "success"], ["Discard", "aborted"]]) {
    await press(button);
    await ended.filter({hasText: word}).waitFor();
  }
  await press("Undo");
  await ended.filter({hasText: "success"}).waitFor();
  for (const [key, word] of [["f", "failure"], ["d", "aborted"]]) {
    await page.evaluate(() => document.activeElement.blur());
    await page.keyboard.press(key);
    await ended.filter({hasText: word}).waitFor();
  }
  // A demonstration, in which the policy is silent.
  await page.locator("#teleop").press("Space");
  await press(/^Run/);
  await head(page, /A person moves|Holding|Beginning/);
  await page.locator(".label .about", {hasText: "how does it go?"}).waitFor();
  await press("Discard");
  await head(page, "Ready");
  await page.locator("#teleop").press("Space");

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
  await page.locator(".list").focus();
  await page.keyboard.press("f");
  await recorded.filter({hasText: "failure"}).waitFor();
  await page.keyboard.press("u");
  await recorded.filter({hasText: "failure"}).waitFor({state: "detached"});
  await page.getByRole("link", {name: "Live"}).focus();
  await page.keyboard.press("Enter");

  await page.keyboard.press("r");
  await page.keyboard.press("Escape"); // while a text is written, too
  await head(page, "Stopped");
  await head(looker, "Stopped");
  await look(looker, folder, "stopped");
  await look(page, folder, "stopped-operator");
  await page.getByRole("button", {name: "Release the stop"}).focus();
  await page.keyboard.press("Enter");
  await head(page, "Ready");
  await page.locator(".stop").press("Enter"); // by its button, too
  await head(page, "Stopped");
  await press("Release the stop");
  await head(page, "Ready");
});
