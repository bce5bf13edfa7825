/** What must hold between the parts of a hub.yaml: unique ids, existing files, known tenants, valid schedules, keys where they are needed. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { WrittenHubConfig } from './hub-config.schema.js';
import { calendarIssues, maintenanceIssues, schedulesIssues, timeIssues } from './schedule-rules.js';
import type { DocumentIssue, DocumentPath } from './yaml-document.js';

export interface CrossCheck {
  readonly written: WrittenHubConfig;
  readonly folder: string;
  readonly usesOwnDatabase: boolean;
}

export function crossIssues({ written, folder, usesOwnDatabase }: CrossCheck): DocumentIssue[] {
  return [
    ...repeatedIds(written.tenants, ['tenants']),
    ...written.tenants.flatMap((tenant, index) => repeatedIds(tenant.connections, ['tenants', index, 'connections'])),
    ...repeatedIds(written.schedules, ['schedules']),
    ...missingFiles(written, folder),
    ...schedulesIssues(written),
    ...maintenanceIssues(written),
    ...calendarIssues(written.workCalendar),
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
  const { identity, blindIndex } = keys;
  const named = [
    { path: ['keys', 'current'], current: keys.current, ids: Object.keys(identity), of: 'keys.identity' },
    ...(typeof blindIndex === 'object' && 'keys' in blindIndex
      ? [
          {
            path: ['keys', 'blindIndex', 'current'],
            current: blindIndex.current,
            ids: Object.keys(blindIndex.keys),
            of: 'keys.blindIndex.keys',
          },
        ]
      : []),
  ];
  return named
    .filter(({ current, ids }) => !ids.includes(current))
    .map(({ path, ids, of }) => ({ path, message: `names no key of ${of}; expected one of: ${ids.join(', ')}` }));
}
