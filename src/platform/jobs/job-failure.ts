/** What is said about a job that failed: its kind and number, never the values it worked on. */
import type { Job } from 'graphile-worker';
import type { FactName } from '../../domain/facts.js';
import { HubError } from '../../domain/hub-error.js';
import { errorCode } from '../database/database-error.js';
import type { Log } from '../log/log.js';

interface FailedJob {
  readonly log: Log;
  readonly fact: FactName;
  readonly job: Pick<Job, 'id' | 'attempts' | 'max_attempts'>;
}

/** Logs the failure — as an error once nobody will try again — and returns what the job table may keep of it. */
export function tellFailure(error: unknown, { log, fact, job }: FailedJob): Error {
  const kind = kindOf(error);
  const told = { component: 'jobs', fact, jobId: job.id, attempt: job.attempts, kind, err: error };
  if (job.attempts >= job.max_attempts)
    log.error(told, 'A job failed for the last time and rests; look at its cause, then post it again.');
  else log.warn(told, 'A job failed and will be tried again.');
  return new Error(error instanceof HubError ? `${kind}: ${error.message}` : kind);
}

/** A failure to start the job runner, most often because the database was not migrated. */
export function runnerFailure(error: unknown): HubError {
  return new HubError({
    code: 'jobs-start',
    next: 'fix-config',
    message: 'The job runner could not start. Run the migrations and check the rights of the database login.',
    cause: error,
  });
}

/** The class of an error: a HubError's code, a SQLSTATE or system code, else the name of its type. */
function kindOf(error: unknown): string {
  if (error instanceof HubError) return error.code;
  const code = errorCode(error);
  if (code !== '') return code;
  return error instanceof Error ? error.name : 'not-an-error';
}
