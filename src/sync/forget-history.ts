/** How the history of a tenant stays small: old runs of webhooks and old instants of schedules are removed. */
import type { Database } from '../platform/database/database.js';
import { removeInPortions } from '../platform/database/in-portions.js';
import { type HistoryRule, forgetOccurrences, forgetWebhookRuns } from './forget-history.store.js';

export interface ForgottenHistory {
  readonly runs: number;
  readonly occurrences: number;
}

export async function forgetHistory(
  database: Pick<Database, 'inTenant'>,
  rule: HistoryRule,
  signal: AbortSignal,
): Promise<ForgottenHistory> {
  const of = { tenantId: rule.tenantId, signal };
  const runs = await removeInPortions(database, of, (em, limit) => forgetWebhookRuns(em, rule, limit));
  const occurrences = await removeInPortions(database, of, (em, limit) => forgetOccurrences(em, rule, limit));
  return { runs, occurrences };
}
