/** What bureaus say an employee and his companies have paid: his own record, newest month first. */
import type { EntityManager } from 'typeorm';
import { readPersonRecords } from '../sync/source-records.reader.js';
import type { ShownContribution } from './pages/pages.js';

/** Two years of six insurances; a page is no archive. */
const MOST_ROWS = 144;

export async function readOwnContributions(
  em: EntityManager,
  tenantId: string,
  personId: string,
): Promise<readonly ShownContribution[]> {
  const records = (await readPersonRecords(em, tenantId, [personId])).get(personId) ?? [];
  return records
    .flatMap((record) =>
      record.stream === 'contributions' && record.role === 'bureau' && record.goneAt === null ? record.items : [],
    )
    .sort((a, b) => compare(b.month, a.month) || compare(a.insurance, b.insurance))
    .slice(0, MOST_ROWS);
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
