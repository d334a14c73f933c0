// Takes the pictures of the manuals: node pictures.mjs URL OPERATOR INSTRUCTION RUN FOLDER
// URL is a console's, beside the simulated arm, which waits for INSTRUCTION; RUN is a round that it lists.
import {drive, open} from "./browser.mjs";

const [url, operator, instruction, run, folder] = process.argv.slice(2);

await drive(async () => {
  const page = await open(url, operator, "Ada");
  await page.emulateMedia({colorScheme: "light", reducedMotion: "reduce"});
  await page.setViewportSize({width: 1280, height: 800});
  const go = name => page.getByRole("link", {name, exact: true}).press("Enter");
  const take = async (name, height = 800) => {
    await page.setViewportSize({width: 1280, height});
    await page.evaluate(() => { document.activeElement.blur(); window.scrollTo(0, 0); });
    await page.locator(".said.up").waitFor({state: "detached"});
    await page.screenshot({path: `${folder}/${name}.png`});
  };

  await page.locator("h1", {hasText: "Ready"}).waitFor();
  await page.locator("#drawn").press("Space");
  await page.keyboard.press("r");
  await page.keyboard.type(instruction);
  await page.keyboard.press("Enter");
  await page.locator("h1", {hasText: "Acting"}).waitFor();
  await page.locator(".numbers dd", {hasText: /^1\d$/}).first().waitFor(); // ticks
  await take("live");
  await page.setViewportSize({width: 390, height: 780});
  await page.screenshot({path: `${folder}/phone.png`});
  await page.keyboard.press("s");
  await page.locator(".ended li", {hasText: "success"}).waitFor();

  await page.setViewportSize({width: 1280, height: 800});
  await go("Rollouts");
  await page.locator(".sum", {hasText: "of 128 rollouts"}).waitFor();
  await page.locator(".list").press("ArrowDown");
  await page.locator(".thumbnail canvas[data-at]").nth(7).waitFor();
  await page.locator(".thumbnail").nth(5).press("Enter");
  await page.locator(".screen canvas[data-at]:not([data-at='0'])").first().waitFor();
  await take("rollouts", 900);

  await go("Policies");
  const improved = page.locator(".policy", {hasText: "improved"}).first();
  await improved.click();
  await page.locator(".policies .detail", {hasText: "Came from"}).waitFor();
  await page.getByRole("button", {name: "Replay", exact: true}).press("Enter");
  await page.locator(".replay-table").first().waitFor({timeout: 600_000});
  await take("policies", 1000);

  await go("Rounds");
  await page.locator(".runs").getByRole("button", {name: run, exact: true}).press("Enter");
  await page.locator(".films img").first().waitFor({state: "attached"});
  await take("rounds", 1000);

  await go("Play");
  await page.locator("#play-run").selectOption(run);
  await page.locator("#play-rollout option").nth(9).waitFor({state: "attached"});
  await page.getByRole("button", {name: "Open its world model"}).press("Enter");
  await page.locator(".play-screens canvas[data-drawn]").nth(1).waitFor({timeout: 600_000});
  await page.evaluate(() => document.activeElement.blur());
  for (const [key, step] of [["c", 4], ["c", 8], ["ArrowRight", 9], ["ArrowRight", 10]]) {
    await page.keyboard.press(key);
    await page.locator(".play-numbers dd", {hasText: `, ${step} from the start`}).waitFor();
  }
  await take("play", 900);
});
