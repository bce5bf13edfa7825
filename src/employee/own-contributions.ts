/** What bureaus say an employee and his companies have paid: his own record, newest month first. */
import { compareText } from '../domain/compare-text.js';
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
    .sort((a, b) => compareText(b.month, a.month) || compareText(a.insurance, b.insurance))
    .slice(0, MOST_ROWS);
}
