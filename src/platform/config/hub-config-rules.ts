/** What must hold between the parts of a hub.yaml: unique ids, existing files, known tenants, valid schedules, keys where they are needed. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import { CronExpressionParser } from 'cron-parser';
import { nearestWord } from './check-schema.js';
import type { ScheduleConfig, WrittenHubConfig } from './hub-config.schema.js';
import type { DocumentIssue, DocumentPath } from './yaml-document.js';

export interface CrossCheck {
  readonly written: WrittenHubConfig;
  readonly folder: string;
  readonly usesOwnDatabase: boolean;
}

export function crossIssues({ written, folder, usesOwnDatabase }: CrossCheck): DocumentIssue[] {
  const tenantIds = written.tenants.map((tenant) => tenant.id);
  return [
    ...repeatedIds(written.tenants, ['tenants']),
    ...written.tenants.flatMap((tenant, index) => repeatedIds(tenant.connections, ['tenants', index, 'connections'])),
    ...repeatedIds(written.schedules, ['schedules']),
    ...missingFiles(written, folder),
    ...written.schedules.flatMap((schedule, index) => scheduleIssues(schedule, tenantIds, ['schedules', index])),
    ...policyIssues(written),
    ...keyIssues(written.keys, usesOwnDatabase),
  ];
}

function repeatedIds(list: readonly { readonly id: string }[], path: DocumentPath): DocumentIssue[] {
  return list.flatMap(({ id }, index) =>
    list.findIndex((other) => other.id === id) < index
      ? [{ path: [...path, index, 'id'], message: `the id ${id} is already taken above; choose another` }]
      : [],
  );
}

function missingFiles(written: WrittenHubConfig, folder: string): DocumentIssue[] {
  const named = written.tenants.flatMap((tenant, index) => [
    ...(tenant.overlay === undefined ? [] : [{ path: ['tenants', index, 'overlay'], file: tenant.overlay }]),
    ...tenant.connections.map((connection, place) => ({
      path: ['tenants', index, 'connections', place, 'manifest'],
      file: connection.manifest,
    })),
  ]);
  return named
    .filter(({ file }) => statSync(resolve(folder, file), { throwIfNoEntry: false })?.isFile() !== true)
    .map(({ path }) => ({ path, message: 'there is no such file; expected a path relative to this file' }));
}

function scheduleIssues(
  { tenant, cron, zone }: ScheduleConfig,
  tenantIds: readonly string[],
  path: DocumentPath,
): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  if (!tenantIds.includes(tenant)) {
    const near = nearestWord(tenant, tenantIds);
    issues.push({
      path: [...path, 'tenant'],
      message: `there is no such tenant; ${near === null ? `expected one of: ${tenantIds.join(', ')}` : `did you mean "${near}"?`}`,
    });
  }
  return [...issues, ...timeIssues({ cron, zone }, path)];
}

/** The schedule under which new packs are looked for; no schedule of hub.yaml may be called like it. */
export const POLICY_UPDATES = 'policy-updates';

function policyIssues({ policy, schedules }: WrittenHubConfig): DocumentIssue[] {
  const { updates, trustedKeys } = policy;
  if (updates === undefined) return [];
  const issues = timeIssues(updates, ['policy', 'updates']);
  if (trustedKeys.length === 0)
    issues.push({
      path: ['policy', 'trustedKeys'],
      message: 'is empty, and every pack would be refused; name the key of whoever publishes them',
    });
  schedules.forEach(({ id }, index) => {
    if (id === POLICY_UPDATES)
      issues.push({
        path: ['schedules', index, 'id'],
        message: `${POLICY_UPDATES} is taken by policy.updates; choose another`,
      });
  });
  return issues;
}

function timeIssues({ cron, zone }: Pick<ScheduleConfig, 'cron' | 'zone'>, path: DocumentPath): DocumentIssue[] {
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

function keyIssues(keys: WrittenHubConfig['keys'], usesOwnDatabase: boolean): DocumentIssue[] {
  if (keys === undefined) {
    return usesOwnDatabase
      ? [
          {
            path: ['keys'],
            message:
              'keys is missing; with a database of your own the keys must be yours too: write keys: { current, identity, blindIndex }',
          },
        ]
      : [];
  }
  const ids = Object.keys(keys.identity);
  if (ids.includes(keys.current)) return [];
  return [{ path: ['keys', 'current'], message: `names no key of keys.identity; expected one of: ${ids.join(', ')}` }];
}
