/** What was charged to a person, month by month, as the bureau's postings show it: the facts a change of the policy is held against. */
import { fen } from '../domain/fen.js';
import type { ChargedPerson } from '../policy/impact.js';
import type { ChargedMonth } from '../policy/recalculate.js';
import type { JudgeFrame } from './judge-frame.js';
import { type Job, jobsOfPerson } from './jobs-of-person.js';
import { paidBase } from './paid-base.js';
import { type PersonContext, contextOf } from './person-context.js';
import { type PersonFacts, sortFacts } from './person-facts.js';

/** One entry per employment with paid months; months whose wages are not wholly known, or whose state is not, are left out. */
export function chargedMonthsOf(person: PersonFacts, frame: JudgeFrame): readonly ChargedPerson[] {
  if (person.records.length === 0) return [];
  const facts = sortFacts(person.records);
  const context = contextOf(facts, jobsOfPerson(facts, frame), frame);
  return context.jobs.flatMap((job, place) => {
    const wages = context.wages[place];
    const charged = monthsOf(context, job, place);
    if (charged.length === 0 || wages?.areComplete !== true) return [];
    const { region, hukou } = job.employment;
    return [
      {
        personId: person.personId,
        region,
        employment: job.terms,
        wages: wages.run,
        insured: { hukou: hukou ?? null },
        charged,
      },
    ];
  });
}

function monthsOf({ frame, postings }: PersonContext, job: Job, place: number): ChargedMonth[] {
  const { insurances } = frame.rules;
  return insurances.flatMap((insurance, row) =>
    frame.months.flatMap((month, column): ChargedMonth[] => {
      if (job.due[row]?.[column] !== true) return [];
      const own = postings.own[(place * insurances.length + row) * frame.months.length + column];
      const baseFen = own === undefined || own.unknownCount > 0 ? null : paidBase(own.rows);
      if (own === undefined || baseFen === null || own.employeeFen + own.employerFen <= 0) return [];
      const { employeeFen, employerFen } = own;
      return [
        { month, insurance, state: 'paid', baseFen, employeeFen: fen(employeeFen), employerFen: fen(employerFen) },
      ];
    }),
  );
}
