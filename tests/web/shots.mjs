// Pictures of HTML reports, to be looked at: first screen, the whole page in slices (light, dark, 390
// and 320 pixels wide), and the PDF.   usage: node shots.mjs OUT_DIR FILE.html [SELECTOR...]
import { mkdirSync } from 'node:fs';
import { basename, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { browse } from './browser.mjs';

const SLICE = 1700;
const [out, file, ...selectors] = process.argv.slice(2);
const url = pathToFileURL(resolve(file)).href, name = basename(file, '.html');
mkdirSync(out, { recursive: true });
const browser = await browse();

async function slices(label, width, options) {
  const page = await browser.newPage({ viewport: { width, height: 900 }, ...options });
  await page.goto(url);
  await page.screenshot({ path: `${out}/${name}-${label}-first.png` });
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let y = 0, i = 1; y < height && i <= 12; y += SLICE, i++)
    await page.screenshot({ path: `${out}/${name}-${label}-${i}.png`, fullPage: true,
      clip: { x: 0, y, width, height: Math.min(SLICE, height - y) } });
  await page.close();
}

if (selectors.length > 0) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 } });
  await page.goto(url);
  for (const s of selectors)
    await page.locator(s).first().screenshot({ path: `${out}/${name}-${s.replace(/\W/g, '')}.png` });
} else {
  await slices('light', 1280, {});
  await slices('dark', 1280, { colorScheme: 'dark' });
  await slices('390', 390, {});
  await slices('320', 320, {});
  const page = await browser.newPage();
  await page.goto(url);
  await page.pdf({ path: `${out}/${name}.pdf`, preferCSSPageSize: true, printBackground: true });
}
await browser.close();
