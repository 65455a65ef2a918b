// node pictures.cjs PLAYWRIGHT FOLDER PAGE REPORT SCREEN: the pictures of all three, as FOLDER/NAME.png
const [modules, folder, pageUrl, reportUrl, screenUrl] = process.argv.slice(2);
const { chromium } = require(modules);
(async () => {
  const browser = await chromium.launch({ executablePath: '/usr/bin/chromium', args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage'] });
  const open = async (url, colorScheme, height) => {
    const page = await (await browser.newContext({ colorScheme, viewport: { width: 1100, height } })).newPage();
    await page.goto(url);
    return page;
  };
  const picture = (what, name) => what.screenshot({ path: folder + '/' + name + '.png' });

  await picture((await open(screenUrl, 'dark', 860)).locator('pre'), 'screen');
  for (const scheme of ['light', 'dark']) {
    const page = await open(pageUrl, scheme, 660);
    await page.waitForFunction(() => document.getElementById('state-text').innerText === 'ended');
    await page.waitForSelector('#lanes svg');
    await picture(page, 'page-' + scheme);
    if (scheme === 'light') {
      await page.setViewportSize({ width: 1100, height: 860 });
      await page.goto(pageUrl + '#coverage');
      await page.check('#c-kernel');
      await page.waitForSelector('#c-rows tr:nth-child(3)');
      await picture(page, 'coverage-light');
      await page.goto(pageUrl + '#flows');
      await page.selectOption('#f-verdict', 'mismatch');
      await page.waitForFunction(() => {
        const rows = [...document.querySelectorAll('#rows tr')];
        return rows.length > 0 && rows.every(r => r.cells[6].innerText === 'mismatch');
      });
      await page.click('#rows tr a');
      await page.waitForSelector('.steps li');
      await page.setViewportSize({ width: 1100, height: 1080 });
      await picture(page, 'flow-light');
    }
  }
  await picture(await open(reportUrl, 'light', 1010), 'report-light');
  await browser.close();
})().catch(e => { console.error(e); process.exit(1); });
