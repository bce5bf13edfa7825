/** What becomes of due instants, whenever they are found and whatever stands around them. */
import fc from 'fast-check';
import { WorkingDays } from '../../platform/clock/working-days.js';
import { scheduleOf } from '../../platform/config/schedule.schema.js';
import { dueInstants } from './due-instants.js';
import {
  type AccountedInstant,
  type Moment,
  type OpenOccurrence,
  type Surroundings,
  accountFor,
  fateOfOpen,
  standingOf,
} from './occurrence-fate.js';
import { windowAt } from './maintenance-windows.js';
import { type Schedule, startsAtOf } from './schedule.js';

type Written = Parameters<typeof scheduleOf>[0];

const nightly = (given: Partial<Written> = {}): Schedule =>
  scheduleOf({ id: 'nightly', tenant: 'company-a', cron: '0 2 * * *', ...given });
const at = (text: string): Date => new Date(`${text}+08:00`);
const around = (given: Partial<Surroundings> = {}): Surroundings => ({
  calendar: new WorkingDays(),
  pauses: [],
  maintenance: [],
  ...given,
});

function instantsOf(schedule: Schedule, after: Date, until: Date): Date[] {
  const found: Date[] = [];
  for (const instant of dueInstants(schedule, after)) {
    if (instant > until) return found;
    found.push(instant);
  }
  return found;
}

/** What is written down by one look after an outage, by day: `25 ran`, `24 superseded` … */
function afterOutage(schedule: Schedule, from: string, now: string, given: Partial<Surroundings> = {}): string[] {
  const instants = instantsOf(schedule, at(from), at(now));
  return [...accountFor(schedule, instants, { now: at(now), around: around(given) })]
    .sort((a, b) => a.dueAt.getTime() - b.dueAt.getTime())
    .map(({ dueAt, state, reason }) => {
      const day = new Date(dueAt.getTime() + 8 * 3_600_000).toISOString().slice(8, 10);
      return `${day} ${state === 'due' ? 'due' : 'skipped'} ${reason ?? ''}`.trim();
    });
}

describe('missed instants', () => {
  const outage = ['2026-11-21T03:00:00', '2026-11-25T03:00:00'] as const;

  it('are made up for once, by the newest, and not when it is older than a day', () => {
    expect(afterOutage(nightly(), ...outage)).toEqual([
      '22 skipped too-old',
      '23 skipped too-old',
      '24 skipped too-old',
      '25 due missed',
    ]);
    const monthly = nightly({ cron: '0 2 22 * *' });
    expect(afterOutage(monthly, ...outage)).toEqual(['22 skipped too-old']);
  });

  it('are all made up for, or none, where the schedule says so', () => {
    const all = nightly({ misfire: { policy: 'all', maxAgeHours: 60 } });
    expect(afterOutage(all, ...outage)).toEqual([
      '22 skipped too-old',
      '23 due missed',
      '24 due missed',
      '25 due missed',
    ]);
    const none = nightly({ misfire: { policy: 'skip' } });
    expect(afterOutage(none, '2026-11-23T03:00:00', '2026-11-25T02:00:30')).toEqual(['24 skipped missed', '25 due']);
  });

  it('of a day the schedule is not meant for do not stand in the way of those it is meant for', () => {
    // Friday 20 is worked; the weekend is not. Found on Sunday, Friday's is the newest that counts.
    const worked = nightly({ days: 'workdays', misfire: { maxAgeHours: 72 } });
    expect(afterOutage(worked, '2026-11-19T03:00:00', '2026-11-22T03:00:00')).toEqual([
      '20 due missed',
      '21 skipped rest-day',
      '22 skipped rest-day',
    ]);
  });

  it('that were due while it was paused stay skipped, also when the pause is over by the time they are found', () => {
    const pause = { from: at('2026-11-23T20:00:00'), until: at('2026-11-24T20:00:00'), by: 'li', reason: 'audit' };
    const fate = afterOutage(nightly(), '2026-11-23T03:00:00', '2026-11-25T01:00:00', { pauses: [pause] });
    expect(fate).toEqual(['24 skipped paused']);
    const { detail } = standingOf(nightly(), at('2026-11-24T02:00:00'), around({ pauses: [pause] }));
    expect(detail).toEqual({ pausedBy: 'li', because: 'audit' });
  });
});

describe('a maintenance window', () => {
  it('skips what is due in it, its end excluded, by cron or by dates', () => {
    const weekly = { cron: '0 22 * * 6', hours: 4, zone: 'Asia/Shanghai', reason: 'backup' };
    const once = { from: '2026-11-24T01:00+08:00', to: '2026-11-24T02:01+08:00', zone: 'Asia/Shanghai' };
    const maintenance = [weekly, once];
    const reasonAt = (text: string): string | null => standingOf(nightly(), at(text), around({ maintenance })).reason;
    // Saturday 21 from 22:00 to Sunday 02:00.
    expect(['2026-11-21T22:00:00', '2026-11-22T01:59:00', '2026-11-22T02:00:00'].map(reasonAt)).toEqual([
      'maintenance',
      'maintenance',
      null,
    ]);
    expect(reasonAt('2026-11-24T02:00:00')).toBe('maintenance');
    expect(windowAt(maintenance, at('2026-11-22T00:30:00'))).toMatchObject({
      until: at('2026-11-22T02:00:00'),
      reason: 'backup',
    });
    expect(windowAt(maintenance, at('2026-11-25T00:30:00'))).toBeNull();
  });
});

describe('jitter', () => {
  const jittery = nightly({ jitterMinutes: 30 });

  it('is the same for the same instant on every node, within its bound, and differs between instants and schedules', () => {
    const instants = instantsOf(jittery, at('2026-01-01T00:00:00'), at('2026-04-01T00:00:00'));
    const seconds = instants.map((due) => (startsAtOf(jittery, due).getTime() - due.getTime()) / 1000);
    expect(seconds).toEqual(instants.map((due) => (startsAtOf({ ...jittery }, due).getTime() - due.getTime()) / 1000));
    expect(seconds.every((each) => Number.isInteger(each) && each >= 0 && each <= 1800)).toBe(true);
    expect(new Set(seconds).size).toBeGreaterThan(80);
    const other = instants.filter((due) => startsAtOf({ ...jittery, id: 'other' }, due) > startsAtOf(jittery, due));
    expect(other.length).toBeGreaterThan(20);
  });

  it('does not make an instant count as missed', () => {
    const due = at('2026-11-25T02:00:00');
    const start = startsAtOf(jittery, due);
    expect(start.getTime() - due.getTime()).toBeGreaterThan(60_000);
    const [found] = accountFor(jittery, [due], { now: start, around: around() });
    expect(found).toMatchObject({ state: 'due', reason: null, startsAt: start });
  });
});

describe('an open occurrence', () => {
  const due = at('2026-11-25T02:00:00');
  const open = (given: Partial<OpenOccurrence> = {}): OpenOccurrence => ({
    dueAt: due,
    startsAt: due,
    createdAt: due,
    updatedAt: due,
    attempts: 0,
    run: null,
    ...given,
  });
  const moment = (given: Partial<Moment> = {}): Moment => ({
    now: at('2026-11-25T02:00:05'),
    hasNewer: false,
    hasOlder: false,
    pause: null,
    isMaintenance: false,
    isBusy: false,
    missing: [],
    ...given,
  });
  const part = nightly({ connection: 'payroll', does: 'read' });
  const chained = nightly({ after: { schedules: ['pull'], withinHours: 2 } });
  const whatever = nightly({ after: { schedules: ['pull'], withinHours: 2, otherwise: 'run' } });

  it('starts at once where nothing is in its way, and not before its jitter is over', () => {
    expect(fateOfOpen(nightly(), open(), moment())).toEqual({ do: 'start', without: [] });
    expect(fateOfOpen(nightly(), open({ startsAt: at('2026-11-25T02:10:00') }), moment())).toMatchObject({
      do: 'wait',
    });
  });

  it('that is a part waits for a run under way, a whole run is skipped, and neither waits for ever', () => {
    expect(fateOfOpen(part, open(), moment({ isBusy: true }))).toEqual({ do: 'wait', waitsFor: ['run'] });
    expect(fateOfOpen(nightly(), open(), moment({ isBusy: true }))).toMatchObject({ do: 'skip', reason: 'overlap' });
    const late = moment({ isBusy: true, now: at('2026-11-26T02:00:01') });
    expect(fateOfOpen(part, open(), late)).toMatchObject({ do: 'skip', reason: 'overlap' });
    expect(fateOfOpen(part, open(), moment({ hasNewer: true }))).toMatchObject({ do: 'skip', reason: 'superseded' });
  });

  it('waits for the schedules before it, and its time to wait counts from when it was found', () => {
    const missing = ['pull'];
    expect(fateOfOpen(chained, open(), moment({ missing }))).toEqual({ do: 'wait', waitsFor: missing });
    const late = moment({ missing, now: at('2026-11-25T04:00:00') });
    expect(fateOfOpen(chained, open(), late)).toEqual({
      do: 'skip',
      reason: 'dependency',
      detail: { waitedFor: missing },
    });
    expect(fateOfOpen(whatever, open(), late)).toEqual({ do: 'start', without: missing });
    expect(fateOfOpen(chained, open({ createdAt: at('2026-11-25T03:00:00') }), late)).toMatchObject({ do: 'wait' });
    const tooLate = moment({ missing, now: at('2026-11-26T02:00:01') });
    expect(fateOfOpen(chained, open({ createdAt: at('2026-11-26T01:00:00') }), tooLate)).toMatchObject({
      reason: 'dependency',
    });
  });

  it('is skipped by a pause and waits out a maintenance window', () => {
    const pause = { from: due, until: null, by: 'li', reason: 'audit' };
    expect(fateOfOpen(nightly(), open(), moment({ pause }))).toMatchObject({
      reason: 'paused',
      detail: { pausedBy: 'li', because: 'audit' },
    });
    expect(fateOfOpen(nightly(), open(), moment({ isMaintenance: true }))).toMatchObject({ do: 'wait' });
  });

  it('whose run lives is left alone; abandoned it is taken up after three minutes, by age or by a newer one given up', () => {
    const abandoned = open({ attempts: 1, run: { state: 'running', isStale: true } });
    expect(fateOfOpen(nightly(), open({ run: { state: 'running', isStale: false } }), moment())).toMatchObject({
      do: 'wait',
    });
    expect(fateOfOpen(nightly(), abandoned, moment())).toMatchObject({ do: 'wait' });
    const later = moment({ now: at('2026-11-25T02:03:00') });
    expect(fateOfOpen(nightly(), abandoned, later)).toEqual({ do: 'start', without: [] });
    expect(fateOfOpen(nightly(), abandoned, { ...later, hasNewer: true })).toMatchObject({ do: 'wait' });
    expect(fateOfOpen(nightly(), abandoned, moment({ now: at('2026-11-26T02:03:00') }))).toMatchObject({
      reason: 'too-old',
    });
    expect(fateOfOpen(nightly(), open({ run: { state: 'expired', isStale: false } }), moment())).toMatchObject({
      reason: 'interrupted',
    });
  });
});

describe('for any sequence of outages', () => {
  const zones = fc.constantFrom(
    'Asia/Shanghai',
    'America/New_York',
    'Australia/Lord_Howe',
    'Europe/Berlin',
    'America/Santiago',
  );
  const rules = fc.record({
    zone: zones,
    cron: fc.constantFrom('0 2 * * *', '30 1,2 * * *', '15 * * * *', '*/20 0-4 * * *', '0 9 1 * *'),
    days: fc.constantFrom('all' as const, 'workdays' as const, 'rest-days' as const),
    misfire: fc.record({
      policy: fc.constantFrom('skip' as const, 'once' as const, 'all' as const),
      maxAgeHours: fc.constantFrom(1, 24, 72),
    }),
    jitterMinutes: fc.constantFrom(0, 5, 90),
  });
  // Looks come seconds, hours or days apart, from shortly before a change of some clock, or from anywhere.
  const gaps = fc.array(fc.oneof(fc.integer({ min: 1, max: 600 }), fc.integer({ min: 600, max: 400_000 })), {
    minLength: 1,
    maxLength: 8,
  });
  const begins = fc
    .oneof(
      fc.constantFrom('03-07', '03-28', '04-03', '09-05', '10-02', '10-24', '10-31'),
      fc.constantFrom('01-30', '06-30'),
    )
    .map((day) => new Date(`2026-${day}T00:00Z`));

  it('every instant gets exactly one row, with a reason where it is not run, and at most one of a look is to be run once', () => {
    fc.assert(
      fc.property(rules, begins, gaps, (rule, begin, seconds) => {
        const schedule = nightly(rule);
        const rows: AccountedInstant[] = [];
        let last = begin;
        let now = begin;
        for (const gap of seconds) {
          now = new Date(now.getTime() + gap * 1000);
          const found = [...accountFor(schedule, instantsOf(schedule, last, now), { now, around: around() })];
          if (rule.misfire.policy === 'once')
            expect(found.filter(({ state }) => state === 'due').length).toBeLessThan(2);
          rows.push(...found);
          last = found.reduce((newest, { dueAt }) => (dueAt > newest ? dueAt : newest), last);
        }
        const times = rows.map(({ dueAt }) => dueAt.getTime()).sort((a, b) => a - b);
        expect(times).toEqual(instantsOf(schedule, begin, now).map((each) => each.getTime()));
        for (const row of rows) if (row.state === 'skipped') expect(row.reason).not.toBeNull();
      }),
      { numRuns: 40, seed: 20_261_124 },
    );
  });
});
