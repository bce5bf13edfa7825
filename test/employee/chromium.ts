/** A real Chromium for tests of pages: the one that its npm package ships, where it starts; else null, and the tests are skipped. */
import { existsSync } from 'node:fs';
import packaged from '@sparticuz/chromium';
import { type Browser, chromium } from 'playwright-core';

/** Another one than that of the package, for machines where that does not start. */
const OWN = process.env['BUDUAN_TEST_CHROMIUM'];
const SYSTEM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];

export async function startChromium(): Promise<Browser | null> {
  const tried: string[] = [];
  for (const find of [
    () => Promise.resolve(OWN),
    () => packaged.executablePath(),
    () => Promise.resolve(SYSTEM.find((path) => existsSync(path))),
  ]) {
    try {
      const executablePath = await find();
      if (executablePath === undefined) continue;
      // Root may not use the sandbox; and no page but the hub's own is opened.
      return await chromium.launch({ executablePath, args: ['--no-sandbox', '--disable-gpu'], timeout: 20_000 });
    } catch (error) {
      tried.push(String(error).split('\n')[0] ?? '');
    }
  }
  process.stderr.write(`No Chromium starts here; tests of pages in a browser are skipped. ${tried.join(' · ')}\n`);
  return null;
}
