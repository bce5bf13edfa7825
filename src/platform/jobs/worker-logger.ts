/** How the job runner's own words reach the hub's log: as debug lines, its errors as warnings. */
import { Logger } from 'graphile-worker';
import type { Log } from '../log/log.js';

/** Says nothing; for schema installation, where a failure is thrown anyway. */
export const silentWorkerLogger = new Logger(() => () => undefined);

export function workerLogger(log: Log): Logger {
  return new Logger((scope) => (level, message) => {
    const place = { component: 'job-runner', jobId: scope.jobId ?? null, fact: scope.taskIdentifier ?? null };
    if (['error', 'warning'].includes(level)) log.warn(place, message);
    else log.debug(place, message);
  });
}
