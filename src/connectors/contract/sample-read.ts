/** What the first pages of a read brought, in the form that the contract's checks look at. */
import { HubError } from '../../domain/hub-error.js';
import type { Connection, ReadEnd, ReadRequest, RejectedRow, StreamRecord } from '../port.js';

export interface Sample {
  readonly pages: number;
  readonly rows: number;
  readonly records: readonly StreamRecord[];
  readonly rejected: readonly RejectedRow[];
  readonly drift: Readonly<Record<string, number>>;
  /** Null where more pages follow than were looked at. */
  readonly end: ReadEnd | null;
  /** The longest time between two pages. */
  readonly slowestMs: number;
  readonly largestPage: number;
}

export type Sampled = { readonly ok: true; readonly sample: Sample } | { readonly ok: false; readonly error: HubError };

/** Takes at most `maxPages` pages. Failures of the outside system are answered, not thrown. */
export async function sampleRead(connection: Connection, request: ReadRequest, maxPages: number): Promise<Sampled> {
  const sample = {
    pages: 0,
    rows: 0,
    records: [] as StreamRecord[],
    rejected: [] as RejectedRow[],
    drift: {} as Record<string, number>,
    end: null as ReadEnd | null,
    slowestMs: 0,
    largestPage: 0,
  };
  let startedMs = performance.now();
  try {
    for await (const page of connection.read(request)) {
      sample.slowestMs = Math.max(sample.slowestMs, Math.round(performance.now() - startedMs));
      sample.pages += 1;
      sample.rows += page.rowCount;
      sample.largestPage = Math.max(sample.largestPage, page.rowCount);
      sample.records.push(...page.records);
      sample.rejected.push(...page.rejected);
      for (const [name, count] of Object.entries(page.drift)) sample.drift[name] = (sample.drift[name] ?? 0) + count;
      sample.end = page.end;
      if (sample.pages >= maxPages) break;
      startedMs = performance.now();
    }
    return { ok: true, sample };
  } catch (error) {
    if (error instanceof HubError) return { ok: false, error };
    throw error;
  }
}

/** `stream owner item` of every record, sorted: what a second look must show again. */
export function keysOf(records: readonly StreamRecord[]): readonly string[] {
  return records.map((record) => `${record.stream}\u0000${record.ownerKey}\u0000${record.itemKey}`).sort();
}
