// How soon the console's page is useful: node paint.mjs URL TOKEN LOADS SECONDS
// URL is a console's, TOKEN one of its tokens. Loads the page so many times, each with an empty cache, by a person who is
// signed in, then looks at it for so long; prints one line of JSON, times in ms.
import {chromium} from "playwright-core";

const [url, token, loads, seconds] = process.argv.slice(2);
const ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"];

/** Runs in the page: notes when the headline stands there, when a picture is drawn, and how old each one then is. */
const WATCH = () => {
  window.late = [];
  new MutationObserver(changes => {
    const now = performance.now();
    if (document.querySelector("h1")?.textContent && document.querySelector("main.live")) window.headline ??= now;
    for (const {attributeName, target} of changes) {
      if (attributeName !== "data-late-ms") continue;
      window.picture ??= now;
      window.late.push(Number(target.dataset.lateMs));
    }
  }).observe(document, {subtree: true, childList: true, characterData: true, attributes: true});
};

const browser = await chromium.launch({executablePath: "/usr/bin/chromium", args: ARGUMENTS});
try {
  const first = await browser.newContext();
  const page = await first.newPage();
  await page.goto(`${url}#${token}`);
  await page.locator("#person").fill("bench");
  await page.locator("#person").press("Enter");
  await page.locator("main.live").waitFor();
  const storageState = await first.storageState();
  await first.close();
  const paints = {painted: [], headline: [], picture: []};
  let late = [];
  for (let i = 0; i < Number(loads); i++) {
    const context = await browser.newContext({storageState});
    const at = await context.newPage();
    await at.addInitScript(WATCH);
    await at.goto(url);
    await at.waitForFunction(() => window.picture !== undefined && performance.getEntriesByName("first-contentful-paint").length);
    const told = await at.evaluate(() => ({painted: performance.getEntriesByName("first-contentful-paint")[0].startTime, headline: window.headline, picture: window.picture}));
    for (const [name, ms] of Object.entries(told)) paints[name].push(ms);
    if (i === Number(loads) - 1) {
      await at.waitForTimeout(1000); // what the first picture waited for is no lateness
      await at.evaluate(() => { window.late = []; });
      await at.waitForTimeout(1000 * Number(seconds));
      late = await at.evaluate(() => window.late);
    }
    await context.close();
  }
  console.log(JSON.stringify({...paints, late}));
} finally {
  await browser.close();
}
