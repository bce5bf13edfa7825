/** Whether anything may be concluded about a person: unknown is never read as unpaid. */
import type { Stream } from '../domain/records.js';
import type { JudgeFrame } from './judge-frame.js';
import type { Job } from './jobs-of-person.js';
import type { FactsByStream } from './person-facts.js';
import type { Unreliable } from './source-states.js';

/** Why nothing is concluded. `connectionId` and `stream` name the read at fault, null where no read is. */
export interface Inconclusive {
  readonly reason:
    Unreliable | 'no-bureau' | 'no-employment' | 'not-hired-yet' | 'row-set-aside' | 'state-unknown' | 'rule-unknown';
  readonly connectionId: string | null;
  readonly stream: Stream | null;
}

/** A bureau's person that is not read leaves its postings without an owner: both streams are needed. */
const BUREAU_STREAMS: readonly Stream[] = ['contributions', 'persons'];

/** null = the bureaus and the source of the employments were read completely, lately, and nothing of this person was set aside. */
export function whyInconclusive(facts: FactsByStream, jobs: readonly Job[], frame: JudgeFrame): Inconclusive | null {
  return bureauProblem(facts, frame) ?? employmentProblem(facts, jobs, frame);
}

function bureauProblem(facts: FactsByStream, frame: JudgeFrame): Inconclusive | null {
  let bureaus = 0;
  for (const { connectionId, role, streams } of frame.rules.connections) {
    if (role !== 'bureau') continue;
    if (streams.includes('contributions')) bureaus += 1;
    for (const stream of BUREAU_STREAMS) {
      const problem = streams.includes(stream) ? readProblem(connectionId, stream, frame) : null;
      if (problem !== null) return problem;
    }
    const waiting = setAside(connectionId, facts, frame);
    if (waiting !== null) return waiting;
  }
  return bureaus === 0 ? { reason: 'no-bureau', connectionId: null, stream: null } : null;
}

function readProblem(connectionId: string, stream: Stream, frame: JudgeFrame): Inconclusive | null {
  const reason = frame.sources.problem(connectionId, stream);
  return reason === null ? null : { reason, connectionId, stream };
}

/** A person whom the bureau does not list may be the one whose row waits in quarantine; so may a missing posting. */
function setAside(connectionId: string, facts: FactsByStream, frame: JudgeFrame): Inconclusive | null {
  const isListed = facts.persons.some((each) => each.connectionId === connectionId);
  if (!isListed && frame.sources.hasSetAside(connectionId, 'persons')) {
    return { reason: 'row-set-aside', connectionId, stream: 'persons' };
  }
  const isTouched = facts.partials.some(
    (each) => each.connectionId === connectionId && each.stream === 'contributions',
  );
  return isTouched ? { reason: 'row-set-aside', connectionId, stream: 'contributions' } : null;
}

function employmentProblem(facts: FactsByStream, jobs: readonly Job[], frame: JudgeFrame): Inconclusive | null {
  const silent = silentAuthority(facts, jobs, frame);
  if (silent !== null) return silent;
  const partial = facts.partials.find((each) => each.stream === 'employments');
  if (partial !== undefined)
    return { reason: 'row-set-aside', connectionId: partial.connectionId, stream: 'employments' };
  if (jobs.length === 0) return { reason: 'no-employment', connectionId: null, stream: 'employments' };
  for (const job of jobs) {
    const problem = readProblem(job.connectionId, 'employments', frame);
    if (problem !== null) return problem;
  }
  return jobs.some((job) => job.hasStarted) ? null : { reason: 'not-hired-yet', connectionId: null, stream: null };
}

/** A role that is believed before the one that told, and whose silence is not proved by a complete read. */
function silentAuthority(facts: FactsByStream, jobs: readonly Job[], frame: JudgeFrame): Inconclusive | null {
  const told = jobs[0]?.connectionId;
  const toldRole = facts.employments.find((each) => each.connectionId === told)?.role;
  for (const role of frame.rules.authority.employment) {
    if (role === toldRole) return null;
    for (const connection of frame.rules.connections) {
      if (connection.role !== role || !connection.streams.includes('employments')) continue;
      const problem = readProblem(connection.connectionId, 'employments', frame);
      if (problem !== null) return problem;
    }
  }
  return null;
}
