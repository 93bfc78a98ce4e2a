// Opens HTML reports in Chromium and says what a reader would stumble over: requests, messages,
// sideways scrolling, WCAG 2.2 AA (axe-core), weak colours in charts, sorting and filtering by
// keyboard, paper, and what is lost without a script.
//
// usage: node web.mjs [--split PAGE ASSETS SINGLE] FILE.html...
//           prints one line a fault, then what was checked; status 1
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { basename, dirname, extname, join, resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import { axeSource, browse } from './browser.mjs';

const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];
const DESKTOP = { width: 1280, height: 900 }, PHONE = { width: 390, height: 844 };
const LOOKS = [
  ['light', { viewport: DESKTOP, colorScheme: 'light' }],
  ['dark', { viewport: DESKTOP, colorScheme: 'dark' }],
  ['mobile', { viewport: PHONE, colorScheme: 'light', hasTouch: true, isMobile: true }],
];

const faults = [];
let checks = 0;

function check(file, what, ok, detail = '') {
  checks++;
  if (!ok) faults.push(`${file}: ${what}${detail === '' ? '' : ': ' + detail}`);
}

// A page of the file, and what it asked for or said on the way.
async function open(browser, path, options) {
  const context = await browser.newContext(options);
  const page = await context.newPage();
  const url = pathToFileURL(path).href, said = [];
  page.on('request', (r) => { if (r.url() !== url) said.push(`request ${r.url().slice(0, 80)}`); });
  page.on('console', (m) => said.push(`console ${m.text().slice(0, 160)}`));
  page.on('pageerror', (e) => said.push(`error ${e.message.slice(0, 160)}`));
  page.on('dialog', (d) => { said.push(`dialog ${d.message()}`); d.dismiss(); });
  await page.goto(url, { waitUntil: 'load' });
  return { page, said, close: () => context.close() };
}

// The page filters by a timer of its own, 80 ms behind the last key: one that is set later and for
// longer ends behind it, however slow the machine is.
const settled = (page) => page.evaluate(() => new Promise((done) => setTimeout(done, 100)));

// ---- in the page ----

// Elements that stick out to the right of a page that must not scroll sideways.
function wide() {
  const width = document.documentElement.clientWidth, out = [];
  if (document.documentElement.scrollWidth <= width) return out;
  for (const e of document.querySelectorAll('main *')) {
    if (e.closest('.scroll, .vh, svg') !== null) continue;
    if (e.getBoundingClientRect().right > width + 1) out.push(e.tagName + '.' + e.className);
  }
  return out.length > 0 ? out : ['the page itself'];
}

// Texts cut off by the box they stand in: captions must be readable without scrolling sideways.
function clipped() {
  const out = [];
  for (const box of document.querySelectorAll('.scroll'))
    for (const c of box.querySelectorAll('caption')) {
      const in_box = box.getBoundingClientRect(), r = c.getBoundingClientRect();
      if (r.width > 0 && getComputedStyle(c).position !== 'absolute' && r.right > in_box.right + 1)
        out.push(c.textContent.slice(0, 60));
    }
  return out;
}

// Texts, bars and marks of charts against what they are drawn on: axe-core does not look into SVG.
// Text needs 4.5 to 1, what carries a figure 3 to 1 (WCAG 1.4.3, 1.4.11).  The pale steps of a heat
// map are no exception: each has its number in it as text.
function faint() {
  function rgb(s) {
    const m = /^rgba?\(([\d.]+), ([\d.]+), ([\d.]+)(?:, ([\d.]+))?\)$/.exec(s);
    return m === null || m[4] === '0' ? null : [+m[1], +m[2], +m[3]];
  }
  function light([r, g, b]) {
    const f = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    return 0.2126 * f(r) + 0.7152 * f(g) + 0.0722 * f(b);
  }
  function contrast(a, b) {
    const [x, y] = [light(a), light(b)].sort((p, q) => q - p);
    return (x + 0.05) / (y + 0.05);
  }
  function behind(e) {
    for (let p = e.closest('svg.chart').parentElement; p !== null; p = p.parentElement) {
      const c = rgb(getComputedStyle(p).backgroundColor);
      if (c !== null) return c;
    }
    return [255, 255, 255];
  }
  function ground(e) { // what lies below the middle of it
    const r = e.getBoundingClientRect(), x = r.x + r.width / 2, y = r.y + r.height / 2;
    let found = behind(e);
    for (const o of e.closest('svg.chart').querySelectorAll('rect')) {
      if (o === e || (o.compareDocumentPosition(e) & 4) === 0) continue;
      const b = o.getBoundingClientRect(), c = rgb(getComputedStyle(o).fill);
      if (c !== null && x >= b.x && x <= b.right && y >= b.y && y <= b.bottom) found = c;
    }
    return found;
  }
  const worst = new Map();
  function seen(kind, e, colour, least) {
    const c = contrast(colour, ground(e));
    const key = `${kind} ${e.getAttribute('class')}`;
    if (c < least && !(worst.get(key) <= c)) worst.set(key, c);
  }
  for (const e of document.querySelectorAll('svg.chart text')) {
    const c = rgb(getComputedStyle(e).fill);
    if (c !== null && e.getClientRects().length > 0) seen('text', e, c, 4.5);
  }
  for (const e of document.querySelectorAll('.bar, .barrisk, .ptf, .ptp, .ring, .limt, .lim, .limf, .ci')) {
    const s = getComputedStyle(e), box = e.getBoundingClientRect();
    if (e.closest('svg.chart') === null || box.width + box.height === 0) continue;
    const line = rgb(s.stroke), fill = rgb(s.fill);
    const best = [line, fill].filter((c) => c !== null)
      .sort((a, b) => contrast(b, behind(e)) - contrast(a, behind(e)))[0];
    if (best !== undefined) seen('mark', e, best, 3);
  }
  return [...worst].map(([k, c]) => `${k} ${c.toFixed(2)}`);
}

// All text there is, script and style aside, and without what only the script fills or uses.
function words() {
  const copy = document.querySelector('main').cloneNode(true);
  for (const e of copy.querySelectorAll('.flt, script, style')) e.remove();
  return copy.textContent.replace(/\s+/g, ' ').trim();
}

function order() {
  return [...document.querySelectorAll('#ft tbody.f')].map((b) => b.rows[0].cells[1].textContent);
}

// ---- checks ----

async function looks(browser, name, path) {
  // A report whose numbers are kept back differs in no colour from the others.
  for (const [look, options] of /^(nulls|public)\//.test(name) ? LOOKS.slice(0, 1) : LOOKS) {
    const { page, said, close } = await open(browser, path, options);
    // Every row of attributes is looked at in the report that passes, in the light; they are all made
    // alike, so that elsewhere one in five does, and axe-core takes seconds rather than minutes.
    if (look !== 'light' || !name.startsWith('passing/'))
      await page.evaluate(() => document.querySelectorAll('#ft tbody.f:not(:nth-of-type(5n + 1))').forEach((e) => e.remove()));
    await page.evaluate(axeSource);
    const found = await page.evaluate(async (tags) => {
      const r = await axe.run(document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'] });
      return r.violations.map((v) => `${v.id} ${v.nodes.length}x ${v.nodes[0].target.join(' ')}`);
    }, WCAG);
    check(name, `axe-core, ${look}`, found.length === 0, found.join('; '));
    const weak = await page.evaluate(faint);
    check(name, `contrast in charts, ${look}`, weak.length === 0, weak.join('; '));
    check(name, `requests and messages, ${look}`, said.length === 0, said.join('; '));
    await close();
  }
}

async function narrow(browser, name, path) {
  const { page, close } = await open(browser, path, { viewport: { width: 320, height: 700 } });
  for (const width of [320, 390, 768, 1024]) {
    await page.setViewportSize({ width, height: 700 });
    const out = await page.evaluate(wide);
    check(name, `no sideways scrolling at ${width} pixels`, out.length === 0, out.slice(0, 4).join(', '));
    const cut = await page.evaluate(clipped);
    check(name, `captions whole at ${width} pixels`, cut.length === 0, cut.slice(0, 4).join(', '));
  }
  await close();
}

async function tabTo(page, selector, most) {
  for (let i = 0; i < most; i++) {
    await page.keyboard.press('Tab');
    if (await page.evaluate((s) => document.activeElement.matches(s), selector)) return true;
  }
  return false;
}

async function keyboard(browser, name, path) {
  const { page, said, close } = await open(browser, path, { viewport: DESKTOP });
  const rows = await page.locator('#ft tbody.f').count();
  if (rows > 1) {
    const shown = () => page.locator('#ft tbody.f:not([hidden])').count();
    const before = await page.evaluate(order);
    // The skip link comes first; then the filter is reached by Tab from the heading before it.
    await page.keyboard.press('Tab');
    check(name, 'first Tab is the skip link', await page.evaluate(() => document.activeElement.matches('.skip')));
    await page.evaluate(() => {
      const h = document.getElementById('h-attributes');
      h.tabIndex = -1;
      h.focus();
    });
    check(name, 'Tab reaches the filter', await tabTo(page, '#q', 3));
    const word = before.map((s) => s.trim().split(/\s+/).pop()).reverse().find((s) => /^[!-~]{3,60}$/.test(s));
    await page.keyboard.type(word);
    await settled(page);
    const hits = await shown();
    check(name, 'typing filters', hits >= 1 && hits < rows, `${hits} of ${rows}`);
    check(name, 'the number shown is said', (await page.locator('#fo').textContent()).startsWith(`${hits} of ${rows} `));
    await page.keyboard.press('Control+A');
    await page.keyboard.press('Delete');
    check(name, 'Tab reaches the choice of findings', await tabTo(page, '#fs', 1));
    await page.keyboard.press('End');
    await settled(page);
    const none = await shown();
    const should = await page.locator('#ft tbody.f[data-s=none]').count();
    check(name, 'a choice filters', none === should, `${none}, not ${should}`);
    await page.keyboard.press('Home');
    await settled(page);
    check(name, 'all are back', await shown() === rows);
    check(name, 'Tab reaches a column', await tabTo(page, '#ft th:nth-child(2) button', 6));
    await page.keyboard.press('Enter');
    const sorted = await page.evaluate(order);
    const expected = before.slice().map((s) => s.trim().toLowerCase()).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
    check(name, 'Enter sorts by name', sorted.map((s) => s.trim().toLowerCase()).join('|') === expected.join('|'));
    check(name, 'the order is said', await page.locator('#ft th[aria-sort=ascending]').count() === 1);
    check(name, 'the focus shows', await page.evaluate(() => getComputedStyle(document.activeElement).outlineStyle !== 'none'));
    await page.keyboard.press('Space');
    const back = await page.evaluate(order);
    check(name, 'Space turns it round', back[0].trim().toLowerCase() === expected[expected.length - 1]);
    check(name, 'nothing is lost', back.length === rows);
    check(name, 'Tab reaches the facts', await tabTo(page, '#ft summary', 12));
    await page.keyboard.press('Enter');
    check(name, 'Enter opens them', await page.evaluate(() => document.activeElement.parentElement.open));
  }
  check(name, 'messages after use', said.length === 0, said.join('; '));
  await close();
}

async function scriptless(browser, name, path) {
  const on = await open(browser, path, { viewport: DESKTOP });
  const off = await open(browser, path, { viewport: DESKTOP, javaScriptEnabled: false });
  const a = await on.page.evaluate(words), b = await off.page.evaluate(words);
  check(name, 'the script did not run where it is off', await off.page.evaluate(() => document.scripts.length === 0 || document.documentElement.matches('.nojs')));
  check(name, 'all text is there without a script', a === b && b.length > 500, `${a.length} and ${b.length} characters`);
  check(name, 'no dead controls without a script', await off.page.evaluate(() =>
    [...document.querySelectorAll('input, select, button')].every((e) => e.getClientRects().length === 0)));
  check(name, 'no message without a script', off.said.length === 0, off.said.join('; '));
  await on.close();
  await off.close();
}

function pdfPages(pdf) {
  const text = execFileSync('pdftotext', ['-layout', pdf, '-'], { encoding: 'utf8', maxBuffer: 1 << 28 });
  return text.split('\f').slice(0, -1);
}

// Paper: A4 (595 x 842 points); the table of attributes repeats its header on every page it fills:
// its rows all stand on the run of pages that have it.
async function paper(browser, name, path, scratch) {
  const { page, close } = await open(browser, path, { viewport: DESKTOP });
  // A filter in use is not followed on paper.
  if (await page.locator('#q').count() > 0) await page.fill('#q', 'nothing has this name');
  await settled(page);
  const pdf = join(scratch, `${name.replace(/\W/g, '-')}.pdf`);
  await page.pdf({ path: pdf, preferCSSPageSize: true, printBackground: true });
  const info = execFileSync('pdfinfo', [pdf], { encoding: 'utf8' });
  const size = /Page size:\s+([\d.]+) x ([\d.]+)/.exec(info);
  check(name, 'printed on A4', size !== null && Math.abs(size[1] - 595.28) < 2 && Math.abs(size[2] - 841.89) < 2, info.match(/Page size.*/)?.[0]);
  // What stands out above its box stays behind at the foot of a page when the box goes to the next.
  const out = await page.evaluate(() => [...document.querySelectorAll('.steps li')]
    .filter((e) => parseFloat(getComputedStyle(e, '::before').top) < 0).length);
  check(name, 'numbers of steps keep to their steps', out === 0, `${out} stand out`);
  const pages = pdfPages(pdf);
  const numbered = pages.every((p, i) => p.includes(`Page ${i + 1} of ${pages.length}`));
  check(name, 'pages are numbered', numbered);
  const want = await page.evaluate(() => [...document.querySelectorAll('#ft tbody.f:not(.np) .mono')].map((e) => e.textContent.slice(0, 9)));
  const plain = want.length > 0 && want.every((s) => /^[0-9A-F]{4},[0-9A-Fx]{4}$/.test(s));
  if (plain) { // pages where rows of the table stand
    const from = pages.findIndex((p) => p.includes('Worst first. Open a line'));
    const headed = pages.map((p) => /^ *Finding +Attribute /m.test(p));
    check(name, 'the table of attributes is printed', from >= 0 && headed[from]);
    let text = '';
    for (let i = from; i >= 0 && headed[i]; i++) text += pages[i];
    const lost = want.filter((s) => !text.includes(s));
    check(name, 'all rows meant for paper are on pages with the header', lost.length === 0, `${lost.length} missing, ${lost[0]}`);
    check(name, 'at most 200 rows on paper', want.length <= 200, `${want.length}`);
  }
  await close();
}

// ---- style and script beside the page ----

// What Jenkins sends with the files of a build: no inline style, no script.
const JENKINS = "sandbox allow-same-origin; default-src 'none'; img-src 'self'; style-src 'self';";

async function serve(folder, run) {
  const types = { '.html': 'text/html', '.css': 'text/css', '.js': 'text/javascript' };
  const server = createServer((request, answer) => {
    const path = join(folder, decodeURIComponent(new URL(request.url, 'http://localhost').pathname));
    answer.setHeader('Content-Security-Policy', JENKINS);
    answer.setHeader('Content-Type', types[extname(path)] ?? 'text/plain');
    answer.end(readFileSync(path));
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  try {
    await run(`http://127.0.0.1:${server.address().port}/`);
  } finally {
    server.close();
  }
}

const styled = () => getComputedStyle(document.querySelector('.vtop')).display === 'grid';

// The page as a file: style and script work, and nothing is asked for but them.  Behind a server that
// forbids inline style, a split page keeps its looks, and one in a single file keeps all its text.
async function split(browser, path, assets, single) {
  const name = `${basename(dirname(path))}/${basename(path)} with style and script beside it`;
  const context = await browser.newContext({ viewport: DESKTOP });
  let page = await context.newPage();
  const asked = [], said = [];
  page.on('request', (r) => asked.push(decodeURIComponent(r.url())));
  page.on('console', (m) => said.push(m.text().slice(0, 160)));
  await page.goto(pathToFileURL(path).href, { waitUntil: 'load' });
  const base = decodeURIComponent(pathToFileURL(dirname(path)).href);
  check(name, 'requests', asked.sort().join(' ') === [`${base}/${basename(path)}`,
    `${base}/${assets}/report.css`, `${base}/${assets}/report.js`].sort().join(' '), asked.join(' '));
  check(name, 'messages', said.length === 0, said.join('; '));
  check(name, 'styled', await page.evaluate(styled));
  check(name, 'script ran', await page.evaluate(() => !document.documentElement.matches('.nojs')));
  const all = await page.evaluate(words);
  await serve(dirname(path), async (url) => {
    page = await context.newPage();
    await page.goto(url + basename(path), { waitUntil: 'load' });
    check(name, 'styled where inline style is forbidden', await page.evaluate(styled));
    check(name, 'its text is there', await page.evaluate(words) === all);
  });
  await serve(dirname(single), async (url) => {
    page = await context.newPage();
    await page.goto(url + basename(single), { waitUntil: 'load' });
    check(name, 'style of a single file is stopped there', !await page.evaluate(styled));
    check(name, 'and its text is there', await page.evaluate(words) === all);
    const seen = await page.evaluate(() => document.body.innerText);
    check(name, 'and can be read', /do not release yet/i.test(seen) && seen.includes('Criterion'));
  });
  await context.close();
}

// ---- all files ----

// --split PAGE ASSETS SINGLE: a page with style and script in ASSETS, and the same in one file
const args = process.argv.slice(2), splits = args[0] === '--split' ? args.splice(0, 4).slice(1) : [];
const files = args.map((f) => resolve(f));
const browser = await browse();
const scratch = mkdtempSync(join(tmpdir(), 'dcmrisk-web-'));
const waiting = files.slice();
async function worker() {
  for (let path; (path = waiting.shift()) !== undefined;) {
    const name = `${basename(dirname(path))}/${basename(path)}`;
    const took = [];
    for (const part of [looks, narrow, keyboard, scriptless, paper]) {
      const start = Date.now();
      await part(browser, name, path, scratch);
      took.push(`${part.name} ${((Date.now() - start) / 1000).toFixed(1)}`);
    }
    console.log(`${name}: ${took.join(', ')} s`);
  }
}
try {
  if (splits.length > 0) await split(browser, resolve(splits[0]), splits[1], resolve(splits[2]));
  await Promise.all([worker(), worker()]);
} finally {
  await browser.close();
  rmSync(scratch, { recursive: true, force: true });
}
for (const f of faults) console.log(`FAULT ${f}`);
console.log(`${files.length} pages, ${checks} checks, ${faults.length} faults`);
process.exitCode = faults.length === 0 && files.length > 0 ? 0 : 1;
