/** What a checker of accessibility (WCAG 2.2 A and AA, IBM's own rules) finds wrong with a page as a reader has it. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';
import { STYLE } from '../../src/employee/pages/style.js';

const ENGINE = readFileSync(createRequire(import.meta.url).resolve('accessibility-checker-engine/ace.js'), 'utf8');
const RULES = ['WCAG_2_2', 'IBM_Accessibility'];

interface Result {
  readonly ruleId: string;
  /** Kind of the rule, then what was found. */
  readonly value: readonly [string, string];
  readonly message: string;
  readonly snippet: string;
}

/**
 * Rule, message and place of each violation. The page is looked at in a second window of the same width, where scripts may
 * run: the hub's own pages forbid them.
 */
export async function violationsOf(html: string, beside: Page): Promise<readonly string[]> {
  const browser = beside.context().browser();
  if (browser === null) throw new Error('The page has no browser.');
  const viewport = beside.viewportSize();
  const context = await browser.newContext({ viewport, isMobile: true, hasTouch: true });
  try {
    const page = await context.newPage();
    // Its style comes from an address that this window does not have.
    await page.setContent(html.replace(/<link rel="stylesheet"[^>]*>/, `<style>${STYLE}</style>`));
    await page.evaluate(ENGINE);
    const results = await page.evaluate(async (rules) => {
      const { ace } = globalThis as unknown as {
        readonly ace: { Checker: new () => { check(of: unknown, rules: string[]): Promise<{ results: Result[] }> } };
      };
      const of = (globalThis as unknown as { readonly document: unknown }).document;
      const { results: found } = await new ace.Checker().check(of, rules);
      return found.map(({ ruleId, value, message, snippet }) => ({ ruleId, value, message, snippet }));
    }, RULES);
    if (results.length === 0) throw new Error('The checker looked at nothing.');
    return results
      .filter(({ value }) => value[0] === 'VIOLATION' && value[1] === 'FAIL')
      .map(({ ruleId, message, snippet }) => `${ruleId}: ${message} ${snippet}`);
  } finally {
    await context.close();
  }
}

/** The page as it is, and the same address in the other language where that opens by itself. */
export async function expectAccessible(page: Page): Promise<void> {
  expect(await violationsOf(await page.content(), page)).toEqual([]);
  const other = await page.context().newPage();
  const language = (await page.locator('html').getAttribute('lang')) === 'en' ? 'zh' : 'en';
  const reply = await other.goto(
    `${new URL(page.url()).pathname.replace(/\/(answer|ask|open)$/, '')}?lang=${language}`,
  );
  expect(reply?.status()).toBeLessThan(500);
  expect(await violationsOf(await other.content(), page)).toEqual([]);
  await other.close();
}
