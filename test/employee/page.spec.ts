/** What an employee can do behind his link, in a real browser at the width of a phone, and what nobody can do without it. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { BACKPAY_SETTINGS, type BackpaySettings } from '../../src/backpay/backpay-settings.js';
import { DecideCases } from '../../src/backpay/decide-cases.js';
import { EmployeeLinks } from '../../src/employee/employee-links.js';
import { OpenPage } from '../../src/employee/open-page.js';
import { writeToken } from '../../src/employee/link-token.js';
import { type Clock, fixedClock, systemClock } from '../../src/platform/clock/clock.js';
import { IdentityVault } from '../../src/platform/crypto/identity-vault.js';
import { expectAccessible, violationsOf } from './accessibility.js';
import { startChromium } from './chromium.js';
import { AS_OF } from '../story/story-world.js';
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
    ...{ viewport: PHONE, isMobile: true, hasTouch: true, javaScriptEnabled: false },
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
  for (const part of await page.locator('td, tbody th, button, input, main > p').all()) {
    const { x = 0, width = 0 } = (await part.boundingBox()) ?? {};
    expect(x + width).toBeLessThanOrEqual(PHONE.width);
  }
}

describe('a link', () => {
  let caseId = '';
  let link: { readonly path: string; readonly linkId: string };
  beforeEach(async () => {
    caseId = await world.freshCase();
    link = await world.linkPath(`cases/${caseId}/link`);
  });

  const NOT_OPEN = '链接无法打开';
  const door = (clock: Clock): OpenPage => {
    const { app, config, database } = world.story.hub;
    return new OpenPage(database, app.get(IdentityVault), config, clock);
  };
  /** Of a hub with an address that employees reach. */
  const messenger = (decide?: Pick<DecideCases, 'ask'>): EmployeeLinks => {
    const { app, config, database } = world.story.hub;
    const reached = { ...config, server: { ...config.server, publicUrl: 'https://hub.example.com' } };
    return new EmployeeLinks(
      ...([
        database,
        app.get(IdentityVault),
        reached,
        systemClock,
        app.get<BackpaySettings>(BACKPAY_SETTINGS),
      ] as const),
      (decide ?? app.get(DecideCases)) as DecideCases,
    );
  };
  const wrong = (): string => (world.lastFour === '0000' ? '1111' : '0000');
  const token = (): string => link.path.slice('/e/'.length);

  it('that was altered, forged or never made opens nothing, and all of them look the same', async () => {
    const whole = token();
    const at = whole.length - 40;
    const vault = world.story.hub.app.get(IdentityVault);
    const answers = [];
    for (const other of [
      `${whole.slice(0, -1)}${whole.endsWith('0') ? '1' : '0'}`,
      `${whole.slice(0, at)}${whole[at] === 'A' ? 'B' : 'A'}${whole.slice(at + 1)}`,
      whole.replace(world.story.tenant.id, 'company-z'),
      writeToken(vault, {
        tenantId: world.story.tenant.id,
        linkId: '00000000-0000-4000-8000-000000000000',
        keyId: 'b1',
      }),
      writeToken(vault, { tenantId: 'company-z', linkId: link.linkId, keyId: 'b1' }),
      'x',
    ])
      answers.push(await world.browse(`/e/${other}`));
    for (const { status, text } of answers) {
      expect(status).toBe(404);
      expect(text).toBe(answers[0]?.text);
      expect(text).toContain(NOT_OPEN);
    }
  });

  it('tells nothing before the second factor, to no script, to no other site and to no cache', async () => {
    for (const path of [link.path, `${link.path}/record`]) {
      const { status, text, headers } = await world.browse(path);
      expect(status).toBe(401);
      expect(text).not.toMatch(/1,807|甲公司|养老|<script/);
      expect(headers.get('content-security-policy')).toMatch(/default-src 'none'.*frame-ancestors 'none'/);
      expect(headers.get('referrer-policy')).toBe('no-referrer');
      expect(headers.get('cache-control')).toBe('no-store');
    }
  });

  it('keeps its session for its own page, from scripts and from other sites', async () => {
    const { headers } = await world.browse(`${link.path}/open`, { form: { factor: world.lastFour } });
    expect(headers.get('set-cookie')).toMatch(/^buduan_page=.*; Path=\/e\/bdl_.*; HttpOnly; SameSite=Strict$/);
    const cookie = (headers.get('set-cookie') ?? '').split(';')[0] ?? '';
    expect((await world.browse(link.path, { cookie })).status).toBe(200);
    const other = await world.linkPath(`persons/${world.personId}/link`);
    expect((await world.browse(other.path, { cookie })).status).toBe(401);
    const later = cookie.replace(/=\d{13}/, `=${'9'.repeat(13)}`);
    expect((await world.browse(link.path, { cookie: later })).status).toBe(401);
  });

  it('ends with the fifth wrong guess, waits between them, and compares nothing while it waits', async () => {
    const clock = fixedClock(new Date().toISOString());
    const page = door(clock);
    const open = await page.linkOf(token());
    if (open === null) throw new Error('The link does not open.');
    expect(await page.tryFactor(open, wrong())).toEqual({ outcome: 'wrong', triesLeft: 4 });
    expect(await page.tryFactor(open, wrong())).toEqual({ outcome: 'wrong', triesLeft: 3 });
    expect(await page.tryFactor(open, world.lastFour)).toEqual({ outcome: 'wait', seconds: 30 });
    clock.advance(30_000);
    expect(await page.tryFactor(open, wrong())).toEqual({ outcome: 'wrong', triesLeft: 2 });
    clock.advance(60_000);
    expect(await page.tryFactor(open, wrong())).toEqual({ outcome: 'wrong', triesLeft: 1 });
    clock.advance(120_000);
    expect(await page.tryFactor(open, wrong())).toEqual({ outcome: 'locked' });
    clock.advance(3_600_000);
    expect(await page.tryFactor(open, world.lastFour)).toEqual({ outcome: 'locked' });
    expect(await page.linkOf(token())).toBeNull();
    expect((await world.browse(link.path)).text).toContain(NOT_OPEN);
    const events = await world.story.sql(
      `SELECT action FROM buduan.audit_event WHERE object = 'employee-link/${link.linkId}' ORDER BY event_no`,
    );
    expect(events.map(({ action }) => String(action).split('.')[1])).toEqual([
      ...['create', 'refuse', 'refuse', 'refuse', 'refuse', 'lock'],
    ]);
  });

  it('counts guesses that come at the same time one by one', async () => {
    const page = door(fixedClock(new Date().toISOString()));
    const open = await page.linkOf(token());
    if (open === null) throw new Error('The link does not open.');
    const outcomes = await Promise.all(Array.from({ length: 12 }, () => page.tryFactor(open, wrong())));
    expect(outcomes.filter(({ outcome }) => outcome === 'wrong')).toHaveLength(2);
    expect(outcomes.filter(({ outcome }) => outcome === 'wait')).toHaveLength(10);
  });

  it('opens nothing after its last day, after it was ended, and after another was made for the case', async () => {
    const clock = fixedClock(new Date().toISOString());
    clock.advance(7 * 86_400_000);
    expect(await door(clock).linkOf(token())).toBeNull();
    const cookie = await world.enter(link.path);
    const newer = await world.linkPath(`cases/${caseId}/link`);
    expect((await world.browse(link.path, { cookie })).status).toBe(404);
    const fresh = await world.enter(newer.path);
    expect((await world.post(`links/${newer.linkId}/revoke`, 'wang.hr')).status).toBe(200);
    expect((await world.browse(newer.path, { cookie: fresh })).status).toBe(404);
    expect((await world.post(`links/${newer.linkId}/revoke`, 'wang.hr')).status).toBe(404);
  });

  it('of a message is one for all ways and attempts, leaves alone what HR gave, and is not made anew after it was ended', async () => {
    const asked = { tenantId: world.story.tenant.id, caseId };
    const given = await messenger().forMessage(asked);
    expect(given).toBe(`https://hub.example.com${link.path}`);
    expect((await world.post(`links/${link.linkId}/revoke`, 'wang.hr')).status).toBe(200);
    expect(await messenger().forMessage(asked)).toBeNull();

    const fresh = { ...asked, caseId: await world.freshCase() };
    expect(await messenger().forMessage(fresh)).toBeNull();
    const { app } = world.story.hub;
    await app
      .get(DecideCases)
      .ask({ caseId: fresh.caseId, act: { tenantId: fresh.tenantId, actor: 'wang.hr', today: AS_OF } });
    const all = await Promise.all([1, 2, 3].map(() => messenger().forMessage(fresh)));
    expect(new Set(all).size).toBe(1);
    const path = new URL(all[0] ?? '').pathname;
    await world.enter(path);
    const rows = await world.story.sql(
      `SELECT l.created_by AS by, l.revoked_at AS ended FROM buduan.employee_link l WHERE l.case_id = '${fresh.caseId}'`,
    );
    expect(rows).toEqual([{ by: 'hub', ended: null }]);
    expect(await app.get(EmployeeLinks).forMessage(fresh)).toBeNull();
  });

  it('that HR makes by asking is the one that the message has sent meanwhile', async () => {
    const fresh = { tenantId: world.story.tenant.id, caseId: await world.freshCase() };
    let sent: string | null = null;
    const asking: Pick<DecideCases, 'ask'> = {
      ask: async (request) => {
        const outcome = await world.story.hub.app.get(DecideCases).ask(request);
        sent = await messenger().forMessage(fresh);
        return outcome;
      },
    };
    const made = await messenger(asking).forCase({ ...fresh, by: 'wang.hr', days: 7 });
    expect(made.link).toBe(sent);
    await world.enter(new URL(made.link).pathname);
  });

  it('takes an answer once: sent again, it changes nothing and says so', async () => {
    const cookie = await world.enter(link.path);
    const { text } = await world.browse(link.path, { cookie });
    const form = { answer: 'agree', text: hidden(text, 'text'), mark: hidden(text, 'mark') };
    expect((await world.browse(`${link.path}/answer`, { cookie, form })).status).toBe(303);
    const again = await world.browse(`${link.path}/answer`, { cookie, form });
    expect(again.status).toBe(409);
    expect(again.text).toContain('已经有了答复');
    const other = await world.browse(`${link.path}/answer`, { cookie, form: { ...form, answer: 'decline' } });
    expect(other.status).toBe(409);
    const rows = await world.story.sql(`SELECT answer FROM buduan.case_confirmation WHERE case_id = '${caseId}'`);
    expect(rows).toEqual([{ answer: 'confirmed' }]);
  });

  it('takes no answer without a session, with a mark of another one, or for a text that is not the one shown now', async () => {
    const cookie = await world.enter(link.path);
    const { text } = await world.browse(link.path, { cookie });
    const form = { answer: 'agree', text: hidden(text, 'text'), mark: hidden(text, 'mark') };
    expect((await world.browse(`${link.path}/answer`, { form })).status).toBe(401);
    const forged = { ...form, mark: form.mark.replace(/^./, (first) => (first === '0' ? '1' : '0')) };
    expect((await world.browse(`${link.path}/answer`, { cookie, form: forged })).status).toBe(409);
    const english = await world.browse(`${link.path}/answer?lang=en`, { cookie, form });
    expect(english.status).toBe(409);
    expect(english.text).toContain('The content has changed');
    const state = await world.story.sql(`SELECT state FROM buduan.back_payment_case WHERE case_id = '${caseId}'`);
    expect(state).toEqual([{ state: 'awaiting-employee' }]);
  });

  it('is never written to a log, and neither is the factor', () => {
    expect(world.story.logged()).not.toContain(token());
    expect(world.story.logged()).not.toContain('buduan_page');
  });
});

describe('an employee with a link', () => {
  inBrowser(
    'has pages whose checker of accessibility sees what is wrong, and nothing in a link that does not open',
    async () => {
      const { page, close } = await phone();
      const bad =
        '<html><head><title>x</title></head><body><main><input><p style="color:#ccc;background:#fff">y</p></main></body></html>';
      const found = await violationsOf(bad, page);
      for (const rule of ['html_lang_exists', 'input_label_exists', 'text_contrast_sufficient'])
        expect(found.filter((each) => each.startsWith(rule))).not.toEqual([]);
      await page.goto('/e/x');
      await expectAccessible(page);
      await close();
    },
  );

  inBrowser('asks for a back-payment himself, sees the amounts, and declines', async () => {
    await world.withdrawAll();
    const { path } = await world.linkPath(`persons/${world.personId}/link`);
    const { page, complaints, close } = await phone('en-GB');
    await page.goto(path);
    await page.getByLabel('Last four characters of your identity number').fill(world.lastFour);
    await page.getByRole('button', { name: 'Continue' }).click();
    await picture(page, '5-ask');
    await expectAccessible(page);
    await page.getByRole('button', { name: 'Ask to pay the missing months' }).click();
    await page.getByText('You pay the employee part: 1,807.08 yuan.').waitFor();
    await expectFits(page);
    await expectAccessible(page);
    const [made] = await world.story.sql(
      `SELECT state, origin, proposed_by FROM buduan.back_payment_case WHERE person_id = '${world.personId}' ORDER BY created_at DESC LIMIT 1`,
    );
    expect(made).toEqual({ state: 'awaiting-employee', origin: 'employee', proposed_by: `employee:${world.personId}` });
    await page.getByRole('button', { name: 'I decline' }).click();
    await page.getByText('You declined; this back-payment has ended.').waitFor();
    await expectAccessible(page);
    expect(await page.getByRole('button').count()).toBe(0);
    expect(complaints).toEqual([]);
    await close();
  });

  // Last: what has been approved has left, and holds Li's months.
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
      await expectAccessible(page);
      const field = page.getByLabel('身份证件号码后四位');
      const wrong = world.lastFour === '0000' ? '1111' : '0000';
      await field.fill(wrong);
      await page.getByRole('button', { name: '继续' }).click();
      expect(await page.getByRole('alert').innerText()).toContain('还可以再试 4 次');
      await expectAccessible(page);
      await page.getByLabel('身份证件号码后四位').fill(world.lastFour.toLowerCase());
      await page.getByRole('button', { name: '继续' }).click();

      const main = page.locator('main');
      await main.getByText('您承担个人部分，共 1,807.08 元。').waitFor();
      const rows: string[][] = [];
      for (const row of await main.locator('tbody tr').all()) rows.push(await row.locator('th, td').allInnerTexts());
      expect(rows).toEqual([
        ['2023年1月', '医疗', '18,000.00', '360.00', expect.any(String), expect.any(String)],
        ['2023年1月', '养老', '18,000.00', '1,440.00', expect.any(String), expect.any(String)],
        ['2023年1月', '失业', expect.any(String), '7.08', expect.any(String), expect.any(String)],
      ]);
      expect(await main.innerText()).toContain('公司承担单位部分，共 3,472.52 元');
      expect(await main.innerText()).toContain('最晚申报日：2023-03-21');
      await expectFits(page);
      await picture(page, '2-question');
      await expectAccessible(page);
      const shown = await main.locator('> p').allInnerTexts();

      await page.getByRole('button', { name: '同意补缴' }).click();
      await main.getByText('您已同意，等待公司审批').waitFor();
      expect(await page.getByRole('button', { name: '同意补缴' }).count()).toBe(0);
      await picture(page, '3-agreed');
      await expectAccessible(page);

      const [signed] = await world.story.sql(
        `SELECT answer, actor, evidence, encode(hash, 'hex') AS hash FROM buduan.case_confirmation WHERE case_id = '${caseId}'`,
      );
      const evidence = signed?.['evidence'] as Record<string, string>;
      expect(signed).toMatchObject({ answer: 'confirmed', actor: `employee:${world.personId}` });
      expect(evidence).toMatchObject({ way: 'page', language: 'zh', address: '127.0.0.1' });
      expect(evidence['textHash']).toBe(sha256(evidence['text'] ?? ''));
      for (const line of shown.filter((each) => !each.includes('缴费记录'))) expect(evidence['text']).toContain(line);
      for (const row of rows) expect(evidence['text']).toContain(row.join(' | '));

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
      await expectAccessible(page);
      expect(complaints).toEqual([]);
      await close();
    },
  );
});
