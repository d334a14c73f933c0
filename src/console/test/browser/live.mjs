// Drives the pages in Chromium by the keyboard: node live.mjs URL OPERATOR VIEWER INSTRUCTION FOLDER
// URL is a console's, beside a robot node and an arm that run; pictures of the page go to FOLDER.
import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {readFile} from "node:fs/promises";
import {chromium} from "playwright-core";

const [url, operator, viewer, instruction, folder] = process.argv.slice(2);
const SIZES = {desktop: [1440, 900], tablet: [834, 1112], phone: [390, 844]};
const TIMEOUT = 60_000;
const MARKUP = "<img src=x onerror=document.title='run'>";
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wrong = [];
const browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: ARGUMENTS});

/** Opens the page and signs in by the keyboard; the token is in the address. */
async function open(token, person) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.setDefaultTimeout(TIMEOUT);
  page.on("pageerror", error => wrong.push(`${person}: ${error.message}`));
  page.on("console", message => { if (message.type() === "error") wrong.push(`${person}: ${message.text()}`); });
  await page.goto(`${url}#${token}`);
  await page.locator("#person").waitFor();
  await page.keyboard.type(person);
  await page.keyboard.press("Enter");
  await page.locator("main.live").waitFor();
  assert.ok(!page.url().includes(token), "the token stays in the address");
  return page;
}

const head = (page, words) => page.locator("h1", {hasText: words}).waitFor();

/** Looks at the page in every size and theme: nothing overflows, and axe finds nothing serious. */
async function look(page, name) {
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize({width, height});
      await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
      await page.screenshot({path: `${folder}/${name}-${size}-${colorScheme}.png`});
      const wide = await page.evaluate(() => document.documentElement.scrollWidth - window.innerWidth);
      assert.ok(wide <= 0, `${name} on ${size} is ${wide} pixels too wide`);
      await page.evaluate(axe);
      const found = await page.evaluate(async () => (await window.axe.run()).violations
        .filter(one => ["serious", "critical"].includes(one.impact))
        .map(one => `${one.id}: ${one.nodes.map(node => node.html).join(" ")}`));
      assert.deepEqual(found, [], `${name} on ${size}, ${colorScheme}`);
    }
  }
  await page.setViewportSize({width: 1440, height: 900});
}

try {
  const page = await open(operator, "Ada");
  await head(page, "Ready");
  await page.locator("canvas[data-late-ms]").first().waitFor();
  await look(page, "ready");
  const looker = await open(viewer, "Vera");
  assert.equal(await looker.getByRole("button", {name: "Stop"}).count(), 0, "a viewer has no stop");

  await page.keyboard.press("r");
  await page.keyboard.type(instruction);
  await page.keyboard.press("Enter");
  await head(page, /Acting|Holding/);
  await head(looker, /Acting|Holding/);
  await page.keyboard.press("n");
  await page.keyboard.type(MARKUP);
  await page.keyboard.press("Tab");
  await page.keyboard.press("s");
  const ended = page.locator(".ended li").first();
  await ended.filter({hasText: "success"}).waitFor();
  assert.ok((await ended.textContent()).includes(MARKUP), "a note is shown as it was written");
  assert.equal(await page.locator(".ended img").count(), 0);
  await look(page, "labelled");
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
  await look(page, "rollouts");
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
  await look(looker, "stopped");
  await page.getByRole("button", {name: "Release the stop"}).focus();
  await page.keyboard.press("Enter");
  await head(page, "Ready");
  assert.deepEqual(wrong, []);
  console.log("all views were driven");
} finally {
  await browser.close();
}
