/** Facts about what a reply means. */
import { fixedClock } from '../../platform/clock/clock.js';
import type { Json } from '../port.js';
import { repliesSchema } from './auth.schema.js';
import { parseExactJson } from './exact-json.js';
import { compileJudge, matchesValue, type Judgement } from './reply-rules.js';

const clock = fixedClock('2023-03-20T09:00:00+08:00');

function judge(rules: unknown, reply: { status?: number; headers?: Record<string, string>; body?: Json }): Judgement {
  return compileJudge({ replies: repliesSchema.parse(rules), message: 'msg', clock })({
    status: 200,
    headers: {},
    body: undefined,
    ...reply,
  });
}

describe('rules', () => {
  it('are judged from top to bottom, before the status table', () => {
    const rules = [
      { when: { status: 500, path: 'code', in: [17] }, is: 'already-exists' },
      { when: { path: 'code', in: [0, '0'] }, is: 'success' },
      { when: { path: 'code', present: true }, is: 'rejected' },
    ];
    expect(judge(rules, { status: 500, body: { code: 17 } })).toMatchObject({ fault: 'already-exists' });
    expect(judge(rules, { status: 500, body: { code: 18, msg: 'no' } })).toMatchObject({
      fault: 'rejected',
      remoteText: 'no',
    });
    expect(judge(rules, { status: 500 })).toMatchObject({ fault: 'unavailable' });
    expect(judge(rules, { body: { code: '0' } })).toEqual({ is: 'success' });
  });

  it('see 200 with an error code as the failure it is', () => {
    const rules = [
      { when: { path: 'errcode', in: [40014, 42001] }, is: 'auth-expired' },
      { when: { path: 'errcode', in: [0, 'absent'] }, is: 'success' },
    ];
    expect(judge(rules, { body: { errcode: 42001 } })).toMatchObject({ fault: 'auth-expired' });
    expect(judge(rules, { body: {} })).toEqual({ is: 'success' });
  });

  it('can look into the message, a header and status families', () => {
    expect(
      judge([{ when: { contains: 'class does not exist' }, is: 'auth-expired' }], {
        body: { msg: 'The class does not exist, or unauthenticated' },
      }),
    ).toMatchObject({ fault: 'auth-expired' });
    expect(
      judge([{ when: { header: 'X-State', in: ['down'] }, is: 'maintenance' }], { headers: { 'x-state': 'down' } }),
    ).toMatchObject({ fault: 'maintenance' });
    expect(judge([{ when: { status: '5xx' }, is: 'rejected' }], { status: 503 })).toMatchObject({ fault: 'rejected' });
    expect(judge([{ when: { path: 'ok', present: false }, is: 'drift' }], { body: {} })).toMatchObject({
      fault: 'drift',
    });
  });

  it.each([
    [{ when: {}, is: 'success' }],
    [{ when: { path: 'a' }, is: 'success' }],
    [{ when: { in: [1] }, is: 'success' }],
    [{ when: { path: 'a', header: 'b', in: [1] }, is: 'success' }],
    [{ when: { path: 'a', in: [1], present: true }, is: 'success' }],
    [{ when: { status: 200 }, is: 'fine' }],
  ])('refuse a condition without a meaning: %j', (rule) => {
    expect(repliesSchema.safeParse([rule]).success).toBe(false);
  });
});

describe('the wait', () => {
  const throttled = (wait: unknown): unknown => [{ when: { status: 429 }, is: 'throttled', wait }];

  it.each<[unknown, Record<string, string>, Json, number | null]>([
    [{ header: 'X-RateLimit-Reset', unit: 'seconds' }, { 'x-ratelimit-reset': '7' }, {}, 7000],
    [{ header: 'X-Wait', unit: 'ms' }, { 'x-wait': '250' }, {}, 250],
    [{ path: 'wait', unit: 'seconds' }, {}, { wait: 5 }, 5000],
    [{ header: 'Retry-After', unit: 'seconds' }, { 'retry-after': 'Mon, 20 Mar 2023 01:00:30 GMT' }, {}, 30_000],
    [{ header: 'Retry-After', unit: 'http-date' }, { 'retry-after': 'Mon, 20 Mar 2023 00:59:00 GMT' }, {}, 0],
    [{ header: 'Retry-After', unit: 'seconds' }, { 'retry-after': 'soon' }, {}, null],
    [{ header: 'Retry-After', unit: 'seconds' }, {}, {}, null],
  ])('is read as declared: %j', (wait, headers, body, expected) => {
    expect(judge(throttled(wait), { status: 429, headers, body })).toMatchObject({
      fault: 'throttled',
      waitMs: expected,
    });
  });

  it('is taken from Retry-After where no rule says otherwise', () => {
    expect(judge([], { status: 503, headers: { 'retry-after': '3' } })).toMatchObject({
      fault: 'unavailable',
      waitMs: 3000,
    });
  });
});

it('compares numbers and their texts as equal, and nothing else', () => {
  expect(matchesValue(0, '0')).toBe(true);
  expect(matchesValue('0', 0)).toBe(true);
  expect(matchesValue((parseExactJson('[90071992547409931]') as Json[])[0], '90071992547409931')).toBe(true);
  expect(matchesValue('', 0)).toBe(false);
  expect(matchesValue(true, 'true')).toBe(false);
  expect(matchesValue(null, 'absent')).toBe(false);
  expect(matchesValue(undefined, 'absent')).toBe(true);
});
