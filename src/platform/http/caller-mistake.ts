/** Whose fault an error is: what the caller can mend is a refusal, not a fault of the hub. */
import { HubError } from '../../domain/hub-error.js';
import { HttpRefusal, type RefusalStatus } from './http-refusal.js';

/** Statuses other than 400 for errors by their code, for example `{ 'unknown-person': 404 }`. */
export type StatusByCode = Readonly<Record<string, RefusalStatus>>;

/** Runs `work`; a `fix-config` error out of it becomes HttpRefusal 400, or the status that `statuses` gives its code. */
export async function refusing<T>(work: () => Promise<T>, statuses: StatusByCode = {}): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asRefusal(error, statuses);
  }
}

/** The same for work that waits for nothing. */
export function refusingNow<T>(work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw asRefusal(error, {});
  }
}

function asRefusal(error: unknown, statuses: StatusByCode): unknown {
  if (!(error instanceof HubError) || error instanceof HttpRefusal) return error;
  const { code, message, detail, next } = error;
  const status = statuses[code] ?? (next === 'fix-config' ? 400 : null);
  return status === null ? error : new HttpRefusal(status, { code, message, detail, next });
}
