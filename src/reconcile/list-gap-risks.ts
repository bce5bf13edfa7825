/** Which persons of a tenant are most likely to have a gap next, out of what the last reads brought; nothing is stored. */
import type { Day } from '../domain/month.js';
import type { Database } from '../platform/database/database.js';
import { readPersonIds } from '../sync/person-ids.reader.js';
import { readPersonRecords } from '../sync/source-records.reader.js';
import { gapRiskOf, type GapRisk, type RiskFacts } from './gap-risk.js';
import { sortFacts, type FactsByStream } from './person-facts.js';

export interface PersonRisk extends GapRisk {
  readonly personId: string;
}

export interface GapRiskList {
  readonly persons: number;
  readonly likely: number;
  /** Highest score first, then by id; persons without any reason are left out. */
  readonly highest: readonly PersonRisk[];
}

const BATCH = 500;

/** Reads everybody in batches; memory holds one batch and the `limit` (≥ 1) highest. */
export async function listGapRisks(
  database: Database,
  { tenantId, asOf, limit }: { readonly tenantId: string; readonly asOf: Day; readonly limit: number },
): Promise<GapRiskList> {
  let persons = 0;
  let likely = 0;
  let highest: readonly PersonRisk[] = [];
  let after: string | null = null;
  for (;;) {
    const risks: readonly PersonRisk[] = await database.inTenant(tenantId, async (em) => {
      const personIds = await readPersonIds(em, tenantId, { after, limit: BATCH });
      return personIds.length === 0 ? [] : risksOf(await readPersonRecords(em, tenantId, personIds), personIds, asOf);
    });
    if (risks.length === 0) return { persons, likely, highest };
    persons += risks.length;
    likely += risks.filter(({ isLikely }) => isLikely).length;
    highest = [...highest, ...risks.filter(({ score }) => score > 0)].sort(byScore).slice(0, limit);
    after = risks.at(-1)?.personId ?? null;
  }
}

/** The facts of one person as the score reads them. */
export function riskFactsOf(facts: FactsByStream): RiskFacts {
  return {
    contributions: facts.contributions.map(({ value }) => value),
    employments: facts.employments.map(({ value }) => value),
    attendance: facts.attendance.map(({ value }) => value),
  };
}

function risksOf(
  records: Awaited<ReturnType<typeof readPersonRecords>>,
  personIds: readonly string[],
  asOf: Day,
): readonly PersonRisk[] {
  return personIds.map((personId) => {
    const facts = sortFacts(records.get(personId) ?? []);
    return { personId, ...gapRiskOf(riskFactsOf(facts), asOf) };
  });
}

function byScore(left: PersonRisk, right: PersonRisk): number {
  return right.score - left.score || (left.personId < right.personId ? -1 : 1);
}
