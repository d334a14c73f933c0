// Plays recorded episodes in Chromium by the keyboard: node rollouts.mjs URL OPERATOR ROLLOUTS FOLDER
// ROLLOUTS is the folder that is shown: bags of it are cut and deleted here. Pictures of the page go to FOLDER.
import assert from "node:assert/strict";
import {readFile, readdir, rm, truncate, writeFile} from "node:fs/promises";
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
  await page.locator(".toggle", {hasText: "Play"}).waitFor();
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

  // The same by buttons; and at another speed.
  const press = name => page.locator("main.rollouts").getByRole("button", {name}).press("Enter");
  await press("Picture after");
  await picture(11);
  await press("Picture before");
  await picture(10);
  await page.locator(".thumbnail").last().press("Enter");
  await picture(29);
  await page.getByRole("combobox", {name: "Speed"}).press("ArrowDown");
  await page.locator(".toggle").press("Enter");
  await page.locator(".toggle", {hasText: "Pause"}).waitFor();
  await page.locator(".toggle", {hasText: "Play"}).waitFor();
  await picture(29);

  // Each filter alone.
  const sum = words => page.locator(".sum", {hasText: words}).waitFor();
  for (const outcome of ["success", "failure", "unlabelled", "aborted", "broken"]) {
    const filter = page.locator(`.filter[data-outcome=${outcome}]`);
    await filter.press("Enter");
    await sum(outcome === "success" ? "3 of 3 rollouts" : "0 of 3 rollouts");
    await filter.press("Enter");
    await sum("3 of 3 rollouts");
  }
  await page.locator("#since").fill("2099-01-01");
  await sum("0 of 3 rollouts");
  await page.locator("#since").fill("");
  await page.locator("#policy").press("ArrowDown");
  assert.equal(await page.locator("#policy").inputValue(), "ab12");
  await page.locator("#policy").press("ArrowUp");
  await page.keyboard.press("Escape"); // the stop, which no robot hears here
  await page.locator(".said.wrong.up", {hasText: "no robot node"}).waitFor();
  await page.locator(".list").press("r");
  await page.keyboard.type("nobody");
  await sum("0 of 3 rollouts");
  await page.locator("#words").press("Control+a");
  await page.keyboard.press("Delete");
  await sum("3 of 3 rollouts");

  // A success at the picture that is shown; then with a note, by the buttons and by the keys, each of which is taken back.
  // When that is said, the next rollout has been gone to.
  const labelled = outcome => page.locator(".said.up", {hasText: `${outcome}: `}).waitFor();
  const label = async outcome => {
    await page.locator(`.detail .outcome.${outcome}`).press("Enter");
    await labelled(outcome);
  };
  const first = () => page.locator(".list").press("Home");
  await first();
  await page.locator(".event", {hasText: "clamped"}).press("Enter");
  await picture(10);
  await page.locator("#here").press("Space");
  await look(page, folder, "success-here", page.locator("#here"));
  await label("success");
  await first();
  await page.locator(".event", {hasText: /Ada/}).filter({hasText: "success"}).waitFor();
  await page.locator(".detail dd", {hasText: /^Ada$/}).waitFor();
  await page.locator("#why").press("Control+a");
  await page.keyboard.type("it slipped");
  await label("failure");
  await sum("2 of 3 succeeded");
  await page.keyboard.press("u");
  await sum("3 of 3 succeeded");
  await first();
  await label("aborted");
  await sum("2 of 2 succeeded");
  await page.keyboard.press("u");
  await sum("3 of 3 succeeded");
  for (const [key, outcome, words] of [["f", "failure", "2 of 3 succeeded"], ["s", "success", "3 of 3 succeeded"], ["d", "aborted", "2 of 2 succeeded"]]) {
    await first();
    await page.keyboard.press(key);
    await labelled(outcome);
    await sum(words);
  }
  await page.keyboard.press("u");
  await sum("3 of 3 succeeded");
  await first();
  await picture(0);

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
  const whole = await readFile(file);
  await truncate(file, Math.floor(whole.length / 10));
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
  // What was cut is said to be broken, and what is left of it is recovered.
  await page.locator(".filter[data-outcome=broken] b", {hasText: "1"}).waitFor();
  await page.locator(".filter[data-outcome=broken]").press("Enter");
  await sum("1 of 2 rollouts");
  await first();
  await page.locator(".detail > .fault").waitFor();
  await look(page, folder, "broken");
  await writeFile(file, whole.subarray(0, whole.length - 40)); // else nothing is left of so short an episode
  await press("Recover what is left");
  await sum("0 of 2 rollouts");
  // The browser tells of each request that was refused; nothing else may be wrong.
  const others = wrong.filter(one => !/status of (404|409|422|503)/.test(one));
  wrong.splice(0, wrong.length, ...others);
});
