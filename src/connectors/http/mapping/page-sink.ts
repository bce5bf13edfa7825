/** Where the records, rejections and drift of one page are gathered while its rows are mapped. */
import type { Stream } from '../../../domain/records.js';
import type { Json, RejectedRow, StreamRecord } from '../../port.js';
import type { RefusalReason } from './refusal.js';

export interface Rejection {
  readonly stream: Stream;
  readonly ownerKey: string | null;
  readonly reason: RefusalReason;
  readonly field: string;
}

export class PageSink {
  readonly records: StreamRecord[] = [];
  readonly rejected: RejectedRow[] = [];
  readonly drift: Record<string, number> = {};
  private rejectedOfRow: Rejection[] = [];
  private row: unknown = null;

  /** Rejections that follow belong to this raw row. */
  beginRow(row: unknown): void {
    this.row = row;
    if (this.rejectedOfRow.length > 0) this.rejectedOfRow = [];
  }

  /** One entry per row, stream, field and reason, however many of its elements fail the same way. A missing field is drift. */
  reject(rejection: Rejection): void {
    const { stream, ownerKey, reason, field } = rejection;
    if (reason === 'missing-field') this.countDrift(`${stream}.${field}`);
    const isKnown = this.rejectedOfRow.some(
      (other) => other.stream === stream && other.field === field && other.reason === reason,
    );
    if (isKnown) return;
    this.rejectedOfRow.push(rejection);
    this.rejected.push({ stream, ownerKey, reason, field, raw: storable(this.row) });
  }

  countDrift(name: string): void {
    this.drift[name] = (this.drift[name] ?? 0) + 1;
  }
}

/** A row nested thousands deep cannot be written down; what is kept instead says so. A poison row must not stop its page. */
function storable(row: unknown): Json {
  try {
    JSON.stringify(row);
    return row as Json;
  } catch (error) {
    if (error instanceof RangeError) return 'The row is nested too deep to be kept.';
    throw error;
  }
}
