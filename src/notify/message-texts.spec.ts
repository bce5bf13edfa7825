/** That every event reads well in both languages, and that a day is enough for every attempt. */
import { EVENT_TYPES } from '../domain/events.js';
import { FINDING_SITUATIONS } from '../domain/situation.js';
import type { EventBody } from './event-data.js';
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
const TYPES = [...EVENT_TYPES, 'case.awaiting-employee', 'case.verified', 'case.paid', 'case.never-heard-of'];

/** As stored: only a case has the id of one. */
function event(type: string): EventBody {
  const { caseId, personId, from, ...rest } = DATA;
  const own = type.startsWith('case.') ? { tenantId: 'company-a', caseId, personId, from, to: type.slice(5) } : rest;
  return { type, data: own } as unknown as EventBody;
}

it.each(TYPES)('%s reads in Chinese and in English, for HR and for an employee', (type) => {
  for (const audience of ['hr', 'employee'] as const) {
    const zh = messageText(event(type), 'zh-CN', audience);
    const en = messageText(event(type), 'en', audience);
    expect(`${zh.title}${zh.body}`).toMatch(/[\u4e00-\u9fff]/);
    expect(`${en.title}${en.body}`).not.toMatch(/[\u4e00-\u9fff]/);
    for (const text of [zh.title, zh.body, en.title, en.body]) expect(text).not.toMatch(/undefined|null|\[object/);
  }
});

it('tells an employee of the case alone, never the internals of the hub', () => {
  for (const type of TYPES.filter((each) => each.startsWith('case.')))
    expect(messageText(event(type), 'en', 'employee').body).not.toMatch(/buduan|PERSON/);
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
