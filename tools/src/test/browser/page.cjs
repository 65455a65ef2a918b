'use strict';
/*
 * Looks at the page in a real Chromium and writes what it saw as JSON.
 *
 *   node page.cjs MODULES visit URL OUT    every view in light and dark, by mouse and keyboard, with axe
 *   node page.cjs MODULES follow URL OUT   stays while an audit runs, and notes when owners change;
 *                                          creates the file READY (4th argument) once it looks
 */
const fs = require('fs');
const path = require('path');
const [given, mode, url, out, ready] = process.argv.slice(2);
const modules = path.resolve(given);
const { chromium } = require(path.join(modules, 'node_modules', 'playwright-core'));
const axeSource = fs.readFileSync(path.join(modules, 'node_modules', 'axe-core', 'axe.min.js'), 'utf8');
const result = { errors: [], axe: [], narrow: [], views: {} };

async function axe(page, where) {
  await page.evaluate(axeSource); // by the debugger: the page's policy lets no other script in
  const found = await page.evaluate(() => axe.run(document, { resultTypes: ['violations'] }));
  for (const v of found.violations) {
    result.axe.push({ where, id: v.id, impact: v.impact, nodes: v.nodes.length, first: v.nodes[0].html.slice(0, 200) });
  }
  result.views[where] = found.passes.length;
}

async function open(browser, scheme, viewport = { width: 1280, height: 900 }) {
  const context = await browser.newContext({ colorScheme: scheme, viewport });
  const page = await context.newPage();
  page.on('pageerror', e => result.errors.push(String(e)));
  page.on('console', m => { if (m.type() === 'error') result.errors.push(m.text()); });
  page.on('request', r => { if (!r.url().startsWith(url) && !r.url().startsWith('data:')) result.errors.push('fetches ' + r.url()); });
  await page.goto(url);
  await page.waitForSelector('#owners .owner');
  return page;
}

/* Texts of a picture that cover each other. */
function overlaps(page) {
  return page.evaluate(() => [...document.querySelectorAll('svg')].flatMap(svg => {
    const boxes = [...svg.querySelectorAll('text')].map(t => ({ t: t.textContent, b: t.getBoundingClientRect() })).filter(x => x.b.width > 0);
    const bad = [];
    for (let i = 0; i < boxes.length; i++) for (let k = i + 1; k < boxes.length; k++) {
      const a = boxes[i].b, b = boxes[k].b;
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 3) bad.push(boxes[i].t + ' / ' + boxes[k].t);
    }
    return bad;
  }));
}

async function visit(browser) {
  for (const scheme of ['light', 'dark']) {
    const page = await open(browser, scheme);
    const shot = name => page.screenshot({ path: out + '.' + name + '-' + scheme + '.png', fullPage: true });
    await page.waitForSelector('#lanes svg');
    result.overlaps = await overlaps(page);
    result.wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    result.covered = await covered(page);
    await axe(page, 'overview ' + scheme);
    await shot('overview');
    // By keyboard alone: the second link of the bar, then the search.
    await page.focus('nav a[data-view=flows]');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#rows tr');
    result.heading = await page.evaluate(() => document.activeElement.id);
    result.all = await page.innerText('#found');
    await axe(page, 'flows ' + scheme);
    await shot('flows');
    await page.selectOption('#f-verdict', 'mismatch');
    await page.waitForFunction(before => document.getElementById('found').innerText !== before, result.all);
    result.mismatches = await page.innerText('#found');
    result.shown = await page.$$eval('#rows tr', rows => rows.map(r => r.cells[6].innerText));
    const before = result.mismatches;
    await page.keyboard.press('Tab');
    await page.fill('#q', '8443');
    await page.waitForFunction(b => document.getElementById('found').innerText !== b, before);
    result.searched = await page.$$eval('#rows tr', rows => rows.map(r => r.cells[4].innerText));
    await page.focus('#rows tr:first-child a');
    await page.keyboard.press('Enter');
    await page.waitForSelector('.steps li');
    result.steps = await page.$$eval('.steps li', all => all.map(s => s.innerText));
    result.reason = await page.innerText('#flow .card p');
    result.flow = await page.innerText('#flow');
    await axe(page, 'flow ' + scheme);
    await shot('flow');
    // By keyboard again: the next link of the bar, then what was never hit.
    await page.focus('nav a[data-view=flows]');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await page.waitForSelector('#c-rows tr');
    result.coverageHeading = await page.evaluate(() => document.activeElement.id);
    result.rules = await page.$$eval('#c-rows tr', rows => rows.map(r => [...r.cells].map(c => c.innerText)));
    result.uses = await page.innerText('#uses');
    await axe(page, 'coverage ' + scheme);
    await shot('coverage');
    const allRules = await page.innerText('#c-found');
    await page.focus('#c-kernel');
    await page.keyboard.press('Space');
    await page.waitForFunction(b => document.getElementById('c-found').innerText !== b, allRules);
    result.withKernel = await page.innerText('#c-found');
    await page.keyboard.press('Space');
    await page.selectOption('#c-use', 'never');
    await page.waitForFunction(b => document.getElementById('c-found').innerText !== b, result.withKernel);
    await page.waitForFunction(() => [...document.querySelectorAll('#c-rows tr')].every(r => r.cells[3].innerText === 'never hit'));
    result.never = await page.innerText('#c-found');
    await page.click('nav a[data-view=health]');
    await page.waitForSelector('#health table');
    await page.waitForSelector('#latency table');
    result.health = await page.innerText('#health');
    result.latency = await page.$$eval('#latency tbody tr', rows => rows.map(r => [...r.cells].map(c => c.innerText)));
    await axe(page, 'health ' + scheme);
    await shot('health');
    await page.context().close();
    await narrow(browser, scheme);
  }
}

/* Every view on a telephone: nothing wider than it, no control over another. */
async function narrow(browser, scheme) {
  const page = await open(browser, scheme, { width: 390, height: 844 });
  for (const view of ['overview', 'flows', 'coverage', 'health']) {
    await page.click('nav a[data-view=' + view + ']');
    await page.waitForSelector('#view-' + view + ':not([hidden]) ' + { overview: '#lanes svg', flows: '#rows tr', coverage: '#c-rows tr', health: '#health table' }[view]);
    const wide = await page.evaluate(() => document.documentElement.scrollWidth > innerWidth);
    for (const bad of [...(wide ? ['wider than the window'] : []), ...await covered(page)]) result.narrow.push(view + ' ' + scheme + ': ' + bad);
    await page.screenshot({ path: out + '.' + view + '-narrow-' + scheme + '.png', fullPage: true });
  }
  await axe(page, 'health narrow ' + scheme);
  await page.context().close();
}

/* Links, fields, headings and tiles that cover each other, the bar above them left out: it stays in front. */
function covered(page) {
  return page.evaluate(() => {
    const shown = [...document.querySelectorAll('.brand, nav a, .state, h1, h2, main label, main button, .tile, .owner, th')].filter(e => e.checkVisibility() && !e.closest('.visually-hidden'));
    const bad = [];
    for (let i = 0; i < shown.length; i++) for (let k = i + 1; k < shown.length; k++) {
      if (shown[i].contains(shown[k]) || shown[k].contains(shown[i])) continue;
      const bar = e => Boolean(e.closest('.bar'));
      if (bar(shown[i]) !== bar(shown[k])) continue;
      const a = shown[i].getBoundingClientRect(), b = shown[k].getBoundingClientRect();
      if (Math.min(a.right, b.right) - Math.max(a.left, b.left) > 1 && Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top) > 1) bad.push(shown[i].innerText + ' / ' + shown[k].innerText);
    }
    return bad;
  });
}

async function follow(browser) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on('pageerror', e => result.errors.push(String(e)));
  await page.goto(url);
  await page.waitForSelector('.dot.live');
  await page.evaluate(() => {
    window.seen = [];
    const last = {};
    const look = () => document.querySelectorAll('#owners .owner').forEach(o => {
      const { vip, holder } = o.dataset;
      if (last[vip] !== holder) { last[vip] = holder; window.seen.push({ vip, holder, ms: performance.timeOrigin + performance.now() }); }
    });
    new MutationObserver(look).observe(document.getElementById('owners'), { childList: true, subtree: true, attributes: true });
    look();
  });
  fs.writeFileSync(ready, '');
  const ended = page.waitForFunction(() => /ended|no connection/.test(document.getElementById('state-text').innerText), null, { timeout: 180000, polling: 100 });
  // Meanwhile, in another page: an explanation of a flow while the audit runs.
  const other = await (await browser.newContext()).newPage();
  await other.goto(url + '#flows');
  await other.selectOption('#f-verdict', 'mismatch');
  await other.waitForSelector('#rows tr td .chip.mismatch', { timeout: 120000 });
  await other.click('#rows tr a');
  await other.waitForSelector('.steps li');
  result.live = { running: await page.innerText('#state-text'), steps: await other.$$eval('.steps li', all => all.length) };
  await ended;
  result.owners = await page.evaluate(() => window.seen);
}

(async () => {
  process.on('SIGINT', () => {}); // the laboratory ends the audit by it; this ends when the page says so
  const browser = await chromium.launch({ handleSIGINT: false, handleSIGTERM: false, executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  try {
    await (mode === 'visit' ? visit(browser) : follow(browser));
  } finally {
    fs.writeFileSync(out, JSON.stringify(result, null, 1));
    await browser.close();
  }
})().catch(e => { console.error(e); process.exit(1); });
