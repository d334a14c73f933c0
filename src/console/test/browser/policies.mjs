// Drives Policies by the keyboard: node policies.mjs URL OPERATOR VIEWER FOLDER
// URL is a console's, beside a robot node with the policy "base"; pictures of the page go to FOLDER.
import assert from "node:assert/strict";
import {drive, look, open} from "./browser.mjs";

const [url, operator, viewer, folder] = process.argv.slice(2);
const MARKUP = "<img src=x onerror=document.title='run'>";

await drive(async () => {
  const page = await open(url, operator, "Ada");
  const looker = await open(url, viewer, "Vera");
  const go = async (at, name) => {
    await at.getByRole("link", {name}).focus();
    await at.keyboard.press("Enter");
  };
  const choose = async (at, name) => {
    await at.locator(".lineage").focus();
    await at.keyboard.press("Home");
    for (let i = 0; i < 8; i++) {
      if ((await at.locator(".policy[aria-selected=true] .policy-name").textContent()) === name) return;
      await at.keyboard.press("ArrowDown");
    }
    assert.fail(`${name} is not in the list`);
  };
  const press = async (at, name) => {
    await at.getByRole("button", {name, exact: true}).focus();
    await at.keyboard.press("Enter");
  };
  const story = words => page.locator(".swap-head", {hasText: words}).waitFor();

  await go(page, "Policies");
  await go(looker, "Policies");
  await page.locator(".policy", {hasText: "base"}).locator(".badge.acts").waitFor();
  assert.equal(await page.locator(".policy").count(), 4);
  assert.deepEqual(await page.locator(".policy .policy-name").allTextContents().then(all => all.filter(one => one !== "slow")), [MARKUP, "better", "base"]);
  assert.equal(await page.locator(".graph .edge").count(), 2, "from each policy to the one that it came from");
  assert.equal(await page.locator(".policies img").count(), 0, "a name is shown as it is written");
  assert.match(await page.locator(".policy", {hasText: "better"}).locator(".measured").textContent(), /31 of 40, 78 % \(62 to 88\)/);
  assert.equal(await looker.locator(".swap-in, .check-files, .swap-card button").count(), 0, "a viewer can command nothing");

  await choose(page, "better");
  await page.locator(".policies .detail", {hasText: "Came from"}).waitFor();
  await look(page, folder, "policies");
  await press(page, "Check its files");
  await page.locator(".said.up", {hasText: "every file of it is as its bundle.json says"}).waitFor();
  await press(page, "Swap in");
  await story(/better: live, asked by Ada/);
  await looker.locator(".swap-head", {hasText: "better: live, asked by Ada"}).waitFor();
  assert.equal(await page.locator(".steps [data-step=done]").count(), 6);
  await page.locator(".policy", {hasText: "better"}).locator(".badge.acts").waitFor();

  await choose(page, MARKUP);
  await page.locator(".differs").waitFor();
  await press(page, "Swap in");
  await story(/refused/);
  await page.locator(".why", {hasText: "the bundle differs from the live policy"}).waitFor();
  await look(page, folder, "refused");
  for (const box of await page.locator(".differs input").all()) {
    await box.focus();
    await page.keyboard.press("Space");
  }
  await press(page, "Swap in");
  await story(/: live/);
  await press(page, "Roll back");
  await story(/better: rolled back/);

  await choose(page, "slow");
  await press(page, "Swap in");
  await story(/slow: /);
  await press(page, "Cancel the swap");
  await story(/slow: cancelled/);
  await press(page, "Roll back");
  await story(/base: rolled back/);
  await press(page, "Roll back");
  await page.locator(".said.up", {hasText: "there is no earlier policy to return to"}).waitFor();
});
