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

/** Controls that were there when pages were looked at, and those that were used, by their names. */
const seen = new Set();
const used = new Set();

/** Runs in the page: names its controls, and tells of each that is used. Those of a kind, such as the lines of a list, have one name. */
const WATCH = () => {
  const CONTROLS = "button, input, select, summary, a[href]";
  const kinds = ["thumbnail", "event", "nudge", "link"];
  const name = one => {
    const view = one.closest("main")?.classList[0] ?? "bar";
    const kind = kinds.find(word => one.classList.contains(word));
    const words = one.id || one.getAttribute("aria-label") || [...one.childNodes].filter(node => node.nodeName !== "KBD").map(node => node.textContent).join("");
    return `${view}: ${one.localName} ${kind ?? words.replace(/\d+/g, "N").replace(/^Curves of .* beside/, "Curves of a run beside")}`;
  };
  window.controlsOfView = () => [...document.querySelectorAll(`main :is(${CONTROLS})`)].filter(one => one.checkVisibility() && !one.disabled).map(name);
  for (const kind of ["click", "input"]) {
    document.addEventListener(kind, event => {
      const one = event.target.closest?.(CONTROLS);
      if (one) window.tellUsed(name(one));
    }, true);
  }
};

/** A page of a browser that knows nothing yet. */
export async function blank(person) {
  const page = await (await browser.newContext()).newPage();
  page.setDefaultTimeout(TIMEOUT);
  page.on("pageerror", error => wrong.push(`${person}: ${error.message}`));
  page.on("console", message => { if (message.type() === "error") wrong.push(`${person}: ${message.text()}`); });
  await page.exposeFunction("tellUsed", name => { used.add(name); });
  await page.addInitScript(WATCH);
  return page;
}

/** Opens the page and signs in by the keyboard; the token is in the address. */
export async function open(url, token, person) {
  const page = await blank(person);
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
  for (const control of await page.evaluate(() => window.controlsOfView())) seen.add(control);
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

/** Drives pages, each control that was seen among them, and ends the browser however that goes. The last argument of a script is where pictures go. */
export async function drive(work) {
  try {
    await work();
    assert.deepEqual(wrong, []);
    assert.deepEqual([...seen].filter(control => !used.has(control)), [], "controls that nobody used");
    console.log("all views were driven");
  } catch (error) {
    const pages = browser.contexts().flatMap(context => context.pages());
    await Promise.all(pages.map((page, n) => page.screenshot({path: `${process.argv.at(-1)}/failed-${n}.png`})));
    throw error;
  } finally {
    await browser.close();
  }
}
