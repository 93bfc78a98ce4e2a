// What opening a page costs in Chromium, the best of three: milliseconds from asking for it to the
// first frame behind its load event, and CPU of the page's main thread, which says the same on a
// machine that does other things too; then sorting it.
// usage: node load.mjs PAGE.html
import { pathToFileURL } from 'node:url';
import { resolve } from 'node:path';
import { browse } from './browser.mjs';

const url = pathToFileURL(resolve(process.argv[2])).href;
const browser = await browse();

async function cpu(session) {
  const { metrics } = await session.send('Performance.getMetrics');
  return 1000 * metrics.find((m) => m.name === 'ThreadTime').value;
}

let wall = Infinity, least = Infinity, page;
for (let i = 0; i < 3; i++) {
  await page?.close();
  page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  const session = await page.context().newCDPSession(page);
  await session.send('Performance.enable', { timeDomain: 'threadTicks' });
  await page.goto(url, { waitUntil: 'load' });
  wall = Math.min(wall, await page.evaluate(() => new Promise((done) => requestAnimationFrame(() =>
    setTimeout(() => done(performance.now()))))));
  least = Math.min(least, await cpu(session));
}
const sort = await page.evaluate(() => {
  const begin = performance.now();
  document.querySelector('#ft th:nth-child(2) button').click();
  document.body.getBoundingClientRect();
  return performance.now() - begin;
});
await browser.close();
console.log(`load ${wall.toFixed(0)} ms, of it CPU ${least.toFixed(0)} ms, sort ${sort.toFixed(0)} ms`);
