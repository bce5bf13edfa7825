/** When a notification is tried again, and how long an endpoint that fails is left alone. */

/** After attempt n. Together 23 h 36 min: what was not taken within a day is dead. */
export const RETRY_WAITS_SECONDS = [5, 60, 300, 1800, 7200, 18_000, 28_800, 28_800] as const;

/** By failures in a row: an endpoint that is down is asked by one notification at a time. */
export const ENDPOINT_RESTS_SECONDS = [5, 60, 300] as const;

/** Seconds to wait after so many attempts (≥ 1); null = that was the last one. */
export function waitAfter(attempts: number, askedMs: number | null): number | null {
  const planned = RETRY_WAITS_SECONDS[attempts - 1];
  if (planned === undefined) return null;
  return askedMs === null ? planned : Math.max(planned, askedMs / 1000);
}
