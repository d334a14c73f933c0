// A Chromium that is driven by the keyboard, and looks at pages in every size and theme.
import assert from "node:assert/strict";
import {createRequire} from "node:module";
import {readFile} from "node:fs/promises";
import {chromium} from "playwright-core";

const SIZES = {desktop: [1440, 900], tablet: [834, 1112], phone: [390, 844]};
const TIMEOUT = 120_000;
const ARGUMENTS = [
  "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
  "--disable-component-update", "--disable-sync",
];
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: ARGUMENTS});

/** What pages said was wrong. */
export const wrong = [];

/** Opens the page and signs in by the keyboard; the token is in the address. */
export async function open(url, token, person) {
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

/** Looks at the page, or at a part of it, in every size and theme: nothing overflows, and axe finds nothing serious. */
export async function look(page, folder, name, part = null) {
  for (const [size, [width, height]] of Object.entries(SIZES)) {
    for (const colorScheme of ["light", "dark"]) {
      await page.setViewportSize({width, height});
      await page.emulateMedia({colorScheme, reducedMotion: "reduce"});
      await part?.evaluate(one => one.scrollIntoView());
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

/** Drives pages, and ends the browser however that goes. */
export async function drive(work) {
  try {
    await work();
    assert.deepEqual(wrong, []);
    console.log("all views were driven");
  } finally {
    await browser.close();
  }
}
