/** A story of the small world, judged, and what the judgement says in a form that a test can read. */
import type { Situation } from '../../src/domain/situation.js';
import { judgePerson, type Judgement } from '../../src/reconcile/judge-person.js';
import { personOf, worldOf, type Story, type WorldChanges } from './small-world.js';

export function judge(story: Story = {}, world: WorldChanges = {}): Judgement {
  return judgePerson(personOf(story), worldOf(world));
}

export function situation(judged: Judgement, at: string, insurance = 'pension'): Situation | undefined {
  return judged.cells.find((cell) => cell.month === at && cell.insurance === insurance && cell.employmentId === 'E1')
    ?.situation;
}

/** `employment insurance situation months` of each finding. */
export function findings(judged: Judgement): readonly string[] {
  return judged.outcome === 'judged'
    ? judged.findings.map((each) => `${each.employmentId} ${each.insurance} ${each.situation} ${each.months.join(',')}`)
    : [];
}

/** What the first finding says of its months. */
export function detail(judged: Judgement): unknown {
  return judged.outcome === 'judged' ? judged.findings[0]?.detail.months : undefined;
}
