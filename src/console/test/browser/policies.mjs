// Drives Policies by the keyboard: node policies.mjs URL OPERATOR VIEWER FOLDER
// URL is a console's, beside a robot node with the policy "base" that has recorded an episode; pictures go to FOLDER.
import assert from "node:assert/strict";
import {drive, look, open, wrong} from "./browser.mjs";

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

  // Replay of the chosen policy against the one that it came from; it is ended once, and then goes to its end.
  assert.equal(await looker.locator(".replay-card button:visible, .replay-card select, .replay-card input").count(), 0, "a viewer replays nothing");
  assert.equal(await page.locator("#replay-policy option:checked").textContent(), "better");
  assert.equal(await page.locator("#replay-against option:checked").textContent(), "base");
  await page.locator(".replay-form .quiet", {hasText: "of the 1 that Rollouts lists"}).waitFor();
  await page.locator("#replay-against").focus();
  await page.keyboard.type("bett");
  await press(page, "Replay");
  await page.locator(".replay-card .fault", {hasText: "both are the same policy"}).waitFor();
  assert.match(wrong.pop(), /400/, "what was refused, as Chromium says it");
  await page.locator("#replay-policy").press("Home");
  await page.locator("#replay-policy").focus();
  await page.keyboard.type("better");
  await page.locator("#replay-against").focus();
  await page.keyboard.type("base");
  const replay = (at, words) => at.locator(".replay-card [role=status]", {hasText: words}).waitFor({timeout: 600_000}); // it comes last
  await press(page, "Replay");
  await replay(looker, /better against base, 1 episode, asked by Ada: /);
  await press(page, "End the replay");
  await replay(page, /ended after/);
  await page.locator("#replay-count").fill("1");
  await page.keyboard.press("Enter");
  await replay(page, "better against base, 1 episode, asked by Ada: done");
  await looker.locator(".replay-table").first().waitFor();
  await page.locator(".replay-table tr", {hasText: "They act otherwise"}).first().waitFor();
  await page.locator(".report summary").focus();
  await page.keyboard.press("Enter");
  await page.locator(".replay-table tr", {hasText: "smoothness"}).first().waitFor();
  const [report] = await Promise.all([page.context().waitForEvent("page"), page.getByRole("link", {name: "The report as a page"}).press("Enter")]);
  assert.match(report.url(), /api\/replay\/page/);
  assert.match(await (await page.request.get(report.url())).text(), /<h1>Replay of 1 episodes/);
  await report.close();
  await look(page, folder, "replay", page.locator(".replay-card"));
  await press(page, "Choose them in Rollouts");
  await page.locator(".rollouts #words").waitFor();
  await go(page, "Policies");

  // To its parent, to the rollouts of that, and back; its settings; a bundle that is in no list.
  await page.locator(".policies .detail").getByRole("button", {name: "base", exact: true}).press("Enter");
  await page.locator(".policies .detail h2", {hasText: "base"}).waitFor();
  await press(page, "Show its 1 rollout");
  await page.locator(".sum", {hasText: "1 of 1 rollouts"}).waitFor();
  await go(page, "Policies");
  await choose(page, "better");
  await page.locator(".settings summary").press("Enter");
  await page.locator(".settings dt", {hasText: "grpo.iterations"}).waitFor();
  await page.locator(".swap-card summary").press("Enter");
  await page.locator("#bundle").focus();
  await page.keyboard.type("/no/such/bundle");
  await page.keyboard.press("Enter");
  await story(/bundle: refused, asked by Ada/);
  await page.locator(".other button").press("Enter");
  await page.locator(".said.wrong.up").waitFor();
  await page.locator(".swap-card summary").press("Enter");

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
