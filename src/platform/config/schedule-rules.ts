/** What must hold for the times of a hub.yaml: known tenants and connections, cron lines, zones, windows, schedules that wait for one another. */
import { CronExpressionParser } from 'cron-parser';
import { parseDay } from '../../domain/month.js';
import { daySpansOf } from '../clock/days-of-month.js';
import { nearestWord } from './check-schema.js';
import type { WrittenHubConfig } from './hub-config.schema.js';
import type { ArrangedYearConfig, MaintenanceWindow, ScheduleConfig } from './schedule.schema.js';
import type { DocumentIssue, DocumentPath } from './yaml-document.js';

type Written = Pick<WrittenHubConfig, 'tenants' | 'schedules'>;

export function schedulesIssues({ tenants, schedules }: Written): DocumentIssue[] {
  return schedules.flatMap((schedule, index) => {
    const path = ['schedules', index];
    return [
      ...placeIssues(schedule, tenants, path),
      ...timeIssues(schedule, path),
      ...daysIssues(schedule, path),
      ...afterIssues(schedule, schedules, path),
    ];
  });
}

function placeIssues(
  { tenant: tenantId, connection, does }: ScheduleConfig,
  tenants: Written['tenants'],
  path: DocumentPath,
): DocumentIssue[] {
  const tenant = tenants.find(({ id }) => id === tenantId);
  if (tenant === undefined) return [unknownWord('tenant', tenantId, [path, tenants.map(({ id }) => id)])];
  if (connection === undefined) return [];
  const known = tenant.connections.map(({ id }) => id);
  if (!known.includes(connection)) return [unknownWord('connection', connection, [path, known])];
  if (does !== 'reconcile') return [];
  return [{ path: [...path, 'connection'], message: 'does not go with does: reconcile, which reads no connection' }];
}

function unknownWord(
  kind: 'tenant' | 'connection',
  word: string,
  [path, known]: readonly [DocumentPath, readonly string[]],
): DocumentIssue {
  const near = nearestWord(word, [...known]);
  const advice = near === null ? `expected one of: ${known.join(', ')}` : `did you mean "${near}"?`;
  return { path: [...path, kind], message: `there is no such ${kind}; ${advice}` };
}

function daysIssues({ daysOfMonth, days, workdaysOfMonth }: ScheduleConfig, path: DocumentPath): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  if (daysOfMonth !== undefined && daySpansOf(daysOfMonth, 31).some(({ from, to }) => from < 1 || from > to || to > 31))
    issues.push({
      path: [...path, 'daysOfMonth'],
      message: 'names no days; expected 1 to 31 or L for the last, the smaller first',
    });
  if (workdaysOfMonth !== undefined && days === 'rest-days')
    issues.push({ path: [...path, 'workdaysOfMonth'], message: 'does not go with days: rest-days; no day is both' });
  return issues;
}

function afterIssues(schedule: ScheduleConfig, all: readonly ScheduleConfig[], path: DocumentPath): DocumentIssue[] {
  const { after, misfire, tenant } = schedule;
  if (after === undefined) return [];
  const siblings = all.filter((other) => other.tenant === tenant && other.id !== schedule.id);
  const issues: DocumentIssue[] = after.schedules.flatMap((id, at) => {
    const here = [...path, 'after', 'schedules', at];
    if (!siblings.some((other) => other.id === id))
      return [{ path: here, message: `there is no other schedule ${id} of this tenant` }];
    if (!waitsFor(id, schedule.id, siblings)) return [];
    return [{ path: here, message: `waits for ${schedule.id} itself; neither would ever begin` }];
  });
  if (after.withinHours >= misfire.maxAgeHours)
    issues.push({
      path: [...path, 'after', 'withinHours'],
      message: `is not below misfire.maxAgeHours (${misfire.maxAgeHours}), after which an instant is given up`,
    });
  return issues;
}

/** Whether a schedule waits for another, directly or through others. */
function waitsFor(id: string, wanted: string, all: readonly ScheduleConfig[]): boolean {
  const seen = new Set<string>();
  const open = [id];
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    if (seen.has(next)) continue;
    seen.add(next);
    const before = all.find((each) => each.id === next)?.after?.schedules ?? [];
    if (before.includes(wanted)) return true;
    open.push(...before);
  }
  return false;
}

export function maintenanceIssues({ tenants }: Written): DocumentIssue[] {
  const all = (windows: readonly MaintenanceWindow[], path: DocumentPath): DocumentIssue[] =>
    windows.flatMap((window, index) => windowIssues(window, [...path, 'maintenance', index]));
  return tenants.flatMap((tenant, index) => [
    ...all(tenant.maintenance, ['tenants', index]),
    ...tenant.connections.flatMap((connection, place) =>
      all(connection.maintenance, ['tenants', index, 'connections', place]),
    ),
  ]);
}

function windowIssues({ cron, hours, zone, from, to }: MaintenanceWindow, path: DocumentPath): DocumentIssue[] {
  const isOnce = from !== undefined && to !== undefined && cron === undefined && hours === undefined;
  const isAgain = cron !== undefined && hours !== undefined && from === undefined && to === undefined;
  if (isAgain) return timeIssues({ cron, zone }, path);
  if (!isOnce) return [{ path, message: 'is not a window; expected cron and hours, or from and to' }];
  const issues = (['from', 'to'] as const).flatMap((end) => {
    const isTime = isTimeWithZone(end === 'from' ? from : to);
    return isTime ? [] : [{ path: [...path, end], message: 'is not a time; expected 2026-12-01T22:00+08:00' }];
  });
  if (issues.length === 0 && Date.parse(from) >= Date.parse(to))
    issues.push({ path: [...path, 'to'], message: 'is not after from' });
  return issues;
}

function isTimeWithZone(text: string): boolean {
  return /^\d{4}-\d\d-\d\dT\d\d:\d\d.*(?:[zZ]|[+-]\d\d:\d\d)$/.test(text) && !Number.isNaN(Date.parse(text));
}

export function calendarIssues(years: readonly ArrangedYearConfig[]): DocumentIssue[] {
  return years.flatMap(({ year, off, work }, index) => {
    const path = ['workCalendar', index];
    const repeated = years.findIndex((other) => other.year === year) < index;
    return [
      ...(repeated ? [{ path: [...path, 'year'], message: `the year ${year} is already described above` }] : []),
      ...off.flatMap((span, at) => spanIssues(span, year, [...path, 'off', at])),
      ...work.flatMap((span, at) => spanIssues(span, year, [...path, 'work', at])),
    ];
  });
}

function spanIssues(span: string, year: number, path: DocumentPath): DocumentIssue[] {
  const [from = '', to = from] = span.split('/');
  if (parseDay(from) === null || parseDay(to) === null || from > to)
    return [{ path, message: 'is not a day, or ends before it begins' }];
  return from.startsWith(`${year}-`) && to.startsWith(`${year}-`)
    ? []
    : [{ path, message: `is not in ${year}; expected days of the year it stands under` }];
}

export function timeIssues({ cron, zone }: Pick<ScheduleConfig, 'cron' | 'zone'>, path: DocumentPath): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  if (!isZone(zone))
    issues.push({
      path: [...path, 'zone'],
      message: 'is not an IANA time zone; expected for example Asia/Shanghai or UTC',
    });
  if (!isCron(cron))
    issues.push({
      path: [...path, 'cron'],
      message: 'is not a schedule; expected five fields: minute hour day month weekday, for example "0 2 * * *"',
    });
  return issues;
}

/** Names only: an offset such as +08:00 knows no daylight saving. */
function isZone(zone: string): boolean {
  try {
    return (
      /^[A-Za-z]/.test(zone) && new Intl.DateTimeFormat('en', { timeZone: zone }).resolvedOptions().timeZone !== ''
    );
  } catch {
    return false;
  }
}

function isCron(cron: string): boolean {
  if (cron.trim().split(/\s+/).length !== 5) return false;
  try {
    return CronExpressionParser.parse(cron).hasNext();
  } catch {
    return false;
  }
}
