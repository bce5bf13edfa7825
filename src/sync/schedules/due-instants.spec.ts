/** Whether schedules are due when people in their zone say they are. */
import { jest } from '@jest/globals';
import { CronExpressionParser } from 'cron-parser';
import fc from 'fast-check';
import { type ScheduleRule, dueInstants, latestDue } from './due-instants.js';

function due(rule: ScheduleRule, after: string, count: number): string[] {
  const found: string[] = [];
  for (const at of dueInstants(rule, new Date(after))) {
    found.push(at.toISOString().replace(':00.000Z', 'Z'));
    if (found.length === count) return found;
  }
  return found;
}

const shanghai = (cron: string): ScheduleRule => ({ cron, zone: 'Asia/Shanghai' });
const newYork = (cron: string): ScheduleRule => ({ cron, zone: 'America/New_York' });
const lordHowe = (cron: string): ScheduleRule => ({ cron, zone: 'Australia/Lord_Howe' });

describe('a schedule', () => {
  it('is due at two at night in Shanghai, which is the day before in UTC', () => {
    expect(due(shanghai('0 2 * * *'), '2026-01-31T02:00:00+08:00', 2)).toEqual([
      '2026-01-31T18:00Z',
      '2026-02-01T18:00Z',
    ]);
  });

  it('is not due again after the instant it was last due at, and is due a millisecond before it', () => {
    expect(due(shanghai('0 2 * * *'), '2026-11-23T02:00:00+08:00', 1)).toEqual(['2026-11-23T18:00Z']);
    expect(due(shanghai('0 2 * * *'), '2026-11-23T01:59:59.999+08:00', 1)).toEqual(['2026-11-22T18:00Z']);
  });

  it('of the 31st leaves out shorter months, of the last day none, of 29 February three years', () => {
    expect(due(shanghai('0 0 31 * *'), '2026-01-31T00:00:00+08:00', 2)).toEqual([
      '2026-03-30T16:00Z',
      '2026-05-30T16:00Z',
    ]);
    expect(due(shanghai('0 0 L * *'), '2026-01-31T00:00:00+08:00', 3)).toEqual([
      '2026-02-27T16:00Z',
      '2026-03-30T16:00Z',
      '2026-04-29T16:00Z',
    ]);
    expect(due(shanghai('0 0 29 2 *'), '2026-01-31T00:00:00+08:00', 1)).toEqual(['2028-02-28T16:00Z']);
  });

  it('keeps its hour on the wall when the clock changes between two days', () => {
    expect(due(newYork('0 9 * * *'), '2026-03-07T00:00Z', 3)).toEqual([
      '2026-03-07T14:00Z',
      '2026-03-08T13:00Z',
      '2026-03-09T13:00Z',
    ]);
    expect(
      due({ cron: '0 9 1 * *', zone: 'Europe/Berlin' }, '2026-03-02T00:00Z', 8).map((at) => at.slice(5, 13)),
    ).toEqual(['04-01T07', '05-01T07', '06-01T07', '07-01T07', '08-01T07', '09-01T07', '10-01T07', '11-01T08']);
  });

  it('whose time the clock jumps over is due at the jump, once', () => {
    expect(due(newYork('30 2 * * *'), '2026-03-07T12:00Z', 2)).toEqual(['2026-03-08T07:00Z', '2026-03-09T06:30Z']);
    expect(due(newYork('0,20,40 2 * * *'), '2026-03-07T12:00Z', 2)).toEqual(['2026-03-08T07:00Z', '2026-03-09T06:00Z']);
    expect(due(newYork('30 2,3 * * *'), '2026-03-07T12:00Z', 2)).toEqual(['2026-03-08T07:00Z', '2026-03-08T07:30Z']);
    expect(due(newYork('0 3 * * *'), '2026-03-07T12:00Z', 2)).toEqual(['2026-03-08T07:00Z', '2026-03-09T07:00Z']);
    expect(due({ cron: '0 0 * * *', zone: 'America/Santiago' }, '2026-09-05T12:00Z', 2)).toEqual([
      '2026-09-06T04:00Z',
      '2026-09-07T03:00Z',
    ]);
    expect(due(lordHowe('15 2 * * *'), '2026-10-02T16:00Z', 2)).toEqual(['2026-10-03T15:30Z', '2026-10-04T15:15Z']);
    expect(due(lordHowe('0 2 * * *'), '2026-10-02T16:00Z', 2)).toEqual(['2026-10-03T15:30Z', '2026-10-04T15:00Z']);
  });

  it('whose time comes twice is due the first time only, also when one begins in between', () => {
    expect(due(newYork('30 1 * * *'), '2026-10-31T12:00Z', 2)).toEqual(['2026-11-01T05:30Z', '2026-11-02T06:30Z']);
    expect(due(newYork('30 1 * * *'), '2026-11-01T05:30Z', 1)).toEqual(['2026-11-02T06:30Z']);
    expect(due(newYork('30 1 * * *'), '2026-11-01T06:10Z', 1)).toEqual(['2026-11-02T06:30Z']);
    expect(due(newYork('0 2 * * *'), '2026-10-31T12:00Z', 1)).toEqual(['2026-11-01T07:00Z']);
    expect(due(lordHowe('45 1 * * *'), '2027-04-03T00:00Z', 2)).toEqual(['2027-04-03T14:45Z', '2027-04-04T15:15Z']);
  });

  it('of every half hour is due every half hour, whatever the clock does', () => {
    expect(due(newYork('*/30 * * * *'), '2026-11-01T05:00Z', 4)).toEqual([
      '2026-11-01T05:30Z',
      '2026-11-01T06:00Z',
      '2026-11-01T06:30Z',
      '2026-11-01T07:00Z',
    ]);
    expect(due(newYork('*/30 * * * *'), '2026-03-08T06:10Z', 3)).toEqual([
      '2026-03-08T06:30Z',
      '2026-03-08T07:00Z',
      '2026-03-08T07:30Z',
    ]);
  });

  it('is due at the same instants from wherever one begins', () => {
    const rules = fc.record({
      cron: fc.constantFrom(
        '30 2 * * *',
        '0,30 1 * * *',
        '*/20 * * * *',
        '15 0-3 * * *',
        '0 */2 * * *',
        '10 2 * * 0',
        '0 0 1 * *',
      ),
      zone: fc.constantFrom(
        'Asia/Shanghai',
        'America/New_York',
        'Australia/Lord_Howe',
        'Europe/Berlin',
        'America/Santiago',
        'UTC',
      ),
    });
    const hours = fc.integer({ min: 0, max: 366 * 24 * 2 });
    fc.assert(
      fc.property(rules, hours, (rule, hour) => {
        const begin = new Date(Date.UTC(2026, 0, 1, hour)).toISOString();
        const whole = due(rule, begin, 6);
        const stepped: string[] = [];
        for (let at = begin; stepped.length < 6; at = stepped.at(-1) ?? at) stepped.push(...due(rule, at, 1));
        expect(stepped).toEqual(whole);
        expect([...new Set(whole)].sort()).toEqual(whole);
      }),
      { numRuns: 60, seed: 20_261_123 },
    );
  });

  // An outage of months is accounted for under the lock of its tenant: reading the line for each of 15,000 instants took most of the time.
  it('reads its line once for all the instants of an outage', () => {
    const parse = jest.spyOn(CronExpressionParser, 'parse');
    expect(due(lordHowe('*/20 * * * *'), '2024-05-01T00:00:00Z', 2000)).toHaveLength(2000);
    expect(parse).toHaveBeenCalledTimes(1);
    parse.mockRestore();
  });

  it('was last due at the newest instant not after now', () => {
    expect(latestDue(shanghai('0 2 * * *'), new Date('2026-11-23T02:00:00+08:00'))).toEqual(
      new Date('2026-11-22T18:00Z'),
    );
    expect(latestDue(shanghai('0 0 29 2 *'), new Date('2026-11-23T02:00:00+08:00'))).toEqual(
      new Date('2024-02-28T16:00Z'),
    );
  });
});
