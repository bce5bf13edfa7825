/** What an employee can do behind his link, in a real browser at the width of a phone, and what nobody can do without it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { OpenPage } from '../../src/employee/open-page.js';
import { writeToken } from '../../src/employee/link-token.js';
import { fixedClock } from '../../src/platform/clock/clock.js';
import { IdentityVault } from '../../src/platform/crypto/identity-vault.js';
import { startChromium } from './chromium.js';
import { type PageWorld, hidden, openPageWorld, sha256 } from './page-world.js';

const PHONE = { width: 390, height: 844 };
/** Where pictures of the pages go; none are made without it. */
const PICTURES = process.env['BUDUAN_PICTURES'];

const browser = await startChromium();
const inBrowser = browser === null ? it.skip : it;

let world: PageWorld;
beforeAll(async () => {
  world = await openPageWorld();
}, 120_000);
afterAll(async () => {
  await browser?.close();
  await world.close();
});

interface Phone {
  readonly page: Page;
  readonly complaints: readonly string[];
  close(): Promise<void>;
}

/** Without JavaScript; whatever the browser complains about is collected. */
async function phone(language: 'zh-CN' | 'en-GB' = 'zh-CN'): Promise<Phone> {
  if (browser === null) throw new Error('There is no browser.');
  const context: BrowserContext = await browser.newContext({
    ...{ viewport: PHONE, deviceScaleFactor: 2, isMobile: true, hasTouch: true, javaScriptEnabled: false },
    ...{ locale: language, baseURL: world.story.url },
  });
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => {
    // The status of a refused form is no complaint of the page.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load resource'))
      complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { page, complaints, close: () => context.close() };
}

async function picture(page: Page, name: string): Promise<void> {
  if (PICTURES === undefined) return;
  mkdirSync(PICTURES, { recursive: true });
  await page.screenshot({ path: join(PICTURES, `${name}.png`), fullPage: true });
}

async function expectFits(page: Page): Promise<void> {
  const box = await page.locator('main').boundingBox();
  expect(box?.x).toBeGreaterThanOrEqual(0);
  expect((box?.x ?? 0) + (box?.width ?? 0)).toBeLessThanOrEqual(PHONE.width);
  expect((await page.locator('html').boundingBox())?.width).toBeLessThanOrEqual(PHONE.width);
}

describe('an employee with a link', () => {
  inBrowser(
    'sees nothing before the last four of the identity number, then the amounts, agrees, and sees what follows',
    async () => {
      const caseId = await world.freshCase();
      const { path } = await world.linkPath(`cases/${caseId}/link`);
      const { page, complaints, close } = await phone();
      await page.goto(path);
      expect(await page.locator('html').getAttribute('lang')).toBe('zh-CN');
      expect(await page.content()).not.toContain(world.story.tenant.name);
      await expectFits(page);
      await picture(page, '1-factor');
      const field = page.getByLabel('身份证件号码后四位');
      const wrong = world.lastFour === '0000' ? '1111' : '0000';
      await field.fill(wrong);
      await page.getByRole('button', { name: '继续' }).click();
      expect(await page.getByRole('alert').innerText()).toContain('还可以再试 4 次');
      await page.getByLabel('身份证件号码后四位').fill(world.lastFour.toLowerCase());
      await page.getByRole('button', { name: '继续' }).click();

      const main = page.locator('main');
      await main.getByText('您承担个人部分，共 1,807.08 元。').waitFor();
      const rows = await main.locator('tbody tr').allInnerTexts();
      expect(rows.map((row) => row.split('\t'))).toEqual([
        ['2023年1月', '医疗', '18,000.00', '360.00', expect.any(String), expect.any(String)],
        ['2023年1月', '养老', '18,000.00', '1,440.00', expect.any(String), expect.any(String)],
        ['2023年1月', '失业', expect.any(String), '7.08', expect.any(String), expect.any(String)],
      ]);
      expect(await main.innerText()).toContain('公司承担单位部分，共 3,472.52 元');
      expect(await main.innerText()).toContain('最晚申报日：2023-03-21');
      await expectFits(page);
      await picture(page, '2-question');
      const shown = await main.locator('> p').allInnerTexts();

      await page.getByRole('button', { name: '同意补缴' }).click();
      await main.getByText('您已同意，等待公司审批').waitFor();
      expect(await page.getByRole('button', { name: '同意补缴' }).count()).toBe(0);
      await picture(page, '3-agreed');

      const [signed] = await world.story.sql(
        `SELECT answer, actor, evidence, encode(hash, 'hex') AS hash FROM buduan.case_confirmation WHERE case_id = '${caseId}'`,
      );
      const evidence = signed?.['evidence'] as Record<string, string>;
      expect(signed).toMatchObject({ answer: 'confirmed', actor: `employee:${world.personId}` });
      expect(evidence).toMatchObject({ way: 'page', language: 'zh', address: '127.0.0.1' });
      expect(evidence['textHash']).toBe(sha256(evidence['text'] ?? ''));
      for (const line of shown.filter((each) => !each.includes('缴费记录'))) expect(evidence['text']).toContain(line);
      for (const row of rows) expect(evidence['text']).toContain(row.split('\t').join(' | '));

      const approved = await world.post(`cases/${caseId}/approve`, 'chen.checker', {
        hash: String(signed?.['hash']),
        acceptsUnverified: true,
      });
      expect(approved.status).toBe(200);
      await page.getByRole('link', { name: 'English' }).click();
      await page.getByText('The company approved').waitFor();
      expect(await page.locator('html').getAttribute('lang')).toBe('en');
      await page.getByRole('link', { name: 'My contribution record' }).click();
      await page.getByRole('heading', { name: 'My contribution record' }).waitFor();
      expect(await page.locator('tbody tr').count()).toBeGreaterThan(3);
      await expectFits(page);
      await picture(page, '4-record');
      expect(complaints).toEqual([]);
      await close();
    },
  );
});
