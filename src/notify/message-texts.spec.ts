/** That every event reads well in both languages, and that a day is enough for every attempt. */
import { EVENT_TYPES } from '../domain/events.js';
import { FINDING_SITUATIONS } from '../domain/situation.js';
import type { Event, EventBody } from './event-data.js';
import { asksEmployee, concernsEmployee } from './employee-news.js';
import { messageText } from './message-texts.js';
import { RETRY_WAITS_SECONDS, waitAfter } from './retry-schedule.js';

const DATA = {
  ...{ tenantId: 'company-a', runId: 'RUN', planId: 'PLAN', asOf: '2023-03-20', state: 'partial', operations: 3 },
  ...{
    reasons: ['bases'],
    findings: 2,
    persons: 1,
    named: [],
    operationIds: [],
    byState: { dead: 3 },
    byCode: { throttled: 3 },
  },
  bySituation: Object.fromEntries(FINDING_SITUATIONS.map((situation) => [situation, 1])),
  ...{
    connectionId: 'bureau',
    reason: null,
    caseId: 'CASE',
    personId: 'PERSON',
    from: 'proposed',
    to: 'awaiting-employee',
  },
};
const LINK = 'https://hub.example.com/e/bdl_company-a_x_y';
const DUE = ['answer', 'application', 'silence'];
const TYPES = [...EVENT_TYPES, 'case.awaiting-employee', 'case.verified', 'case.paid', 'case.never-heard-of'];

/** As stored: only a case has the id of one. */
function event(type: string): EventBody {
  const { caseId, personId, from, ...rest } = DATA;
  const own = type.startsWith('case.') ? { tenantId: 'company-a', caseId, personId, from, to: type.slice(5) } : rest;
  return { type, data: own } as unknown as EventBody;
}

function due(what: string): EventBody {
  const { tenantId, caseId, personId } = DATA;
  const data = { tenantId, caseId, personId, state: 'awaiting-employee', due: what, day: '2023-03-21' };
  return { type: `case.${what}-due`, data } as unknown as EventBody;
}
const EVENTS = [...TYPES.map(event), ...DUE.map(due)];

it.each(EVENTS)('$type reads in Chinese and in English, for HR and for an employee', (told) => {
  for (const audience of ['hr', { pageLink: null }, { pageLink: LINK }] as const) {
    const zh = messageText(told, 'zh-CN', audience);
    const en = messageText(told, 'en', audience);
    expect(`${zh.title}${zh.body}`).toMatch(/[\u4e00-\u9fff]/);
    expect(`${en.title}${en.body}`).not.toMatch(/[\u4e00-\u9fff]/);
    for (const text of [zh.title, zh.body, en.title, en.body]) expect(text).not.toMatch(/undefined|null|\[object/);
  }
});

it.each([
  ['paid', '此前告知已缴纳的补缴没有成功', 'that was said to be paid did not succeed'],
  ['verified', '记录不再显示您已补缴的月份', 'does not show the months any more'],
  ['closed', '记录不再显示您已补缴的月份', 'does not show the months any more'],
])('tells an employee why a case that was %s is opened again, and that nothing is asked of him yet', (from, zh, en) => {
  const data = { tenantId: 'company-a', caseId: 'CASE', personId: 'PERSON', from, to: 'reopened' };
  const told = { type: 'case.reopened', data } as const;
  expect(concernsEmployee({ ...told, key: 'k', personId: 'PERSON' })).toBe(true);
  expect(asksEmployee(told.type)).toBe(false);
  expect(messageText(told, 'zh-CN', { pageLink: null })).toEqual({
    title: '您的社保补缴需要重新办理',
    body: expect.stringContaining(zh),
  });
  expect(messageText(told, 'en', { pageLink: null })).toEqual({
    title: 'Your back-payment has to be done again',
    body: expect.stringContaining(en),
  });
});

it('tells HR what is missing where a case is said to be paid and the books are silent', () => {
  const { tenantId, caseId, personId } = DATA;
  const data = { tenantId, caseId, personId, state: 'paid', due: 'silence', day: '2023-03-21' } as const;
  const told = { type: 'case.silence-due', data } as const;
  expect(messageText(told, 'zh-CN', 'hr').body).toContain('社保记录至今没有显示');
  expect(messageText(told, 'en', 'hr').body).toContain("the bureau's books do not show it yet");
  expect(messageText(told, 'en', 'hr').body).not.toContain('Nothing was heard');
});

it('tells an employee of the case alone, never the internals of the hub', () => {
  for (const type of TYPES.filter((each) => each.startsWith('case.')))
    expect(messageText(event(type), 'en', { pageLink: null }).body).not.toMatch(/buduan|PERSON/);
});

it('gives an employee who is asked the address of the page, and nobody else', () => {
  const asking = [event('case.awaiting-employee'), due('answer')];
  for (const language of ['zh-CN', 'en'] as const)
    for (const told of asking) {
      expect(messageText(told, language, { pageLink: LINK }).body).toContain(`\n${LINK}\n`);
      expect(messageText(told, language, 'hr').body).not.toContain('http');
    }
  expect(messageText(event('case.paid'), 'en', { pageLink: LINK }).body).not.toContain('http');
  expect(['case.awaiting-employee', 'case.answer-due', 'case.paid'].map(asksEmployee)).toEqual([true, true, false]);
});

it('spares an employee the steps between HR and checker, and the end of what he was never asked', () => {
  const hears = (from: string, to: string, personId: string | null = 'PERSON'): boolean =>
    concernsEmployee({
      ...event(`case.${to}`),
      data: { ...DATA, personId: 'PERSON', from, to },
      key: '',
      personId,
    } as Event);
  const told = [hears('proposed', 'awaiting-employee'), hears('paid', 'verified'), hears('approved', 'expired')];
  expect(told).toEqual([true, true, true]);
  const spared = [hears('detected', 'proposed'), hears('confirmed', 'awaiting-approval'), hears('proposed', 'expired')];
  expect([...spared, hears('paid', 'verified', null)]).toEqual([false, false, false, false]);
  const dues = DUE.map((what) => concernsEmployee({ ...due(what), key: '', personId: 'PERSON' }));
  expect(dues).toEqual([true, false, false]);
});

it('tries nine times within a day, and keeps to a longer wait that was asked for', () => {
  expect(RETRY_WAITS_SECONDS.reduce((sum, wait) => sum + wait, 0)).toBeLessThan(86_400);
  expect([waitAfter(1, null), waitAfter(1, 90_000), waitAfter(8, null), waitAfter(9, null)]).toEqual([
    5,
    90,
    28_800,
    null,
  ]);
});
