import fc from 'fast-check';
import { fen } from '../domain/fen.js';
import { day, month } from '../domain/month.js';
import {
  CONNECTIONS,
  WINDOW,
  personOf,
  worldOf,
  type Story,
  type WorldChanges,
} from '../../test/reconcile/small-world.js';
import { storedCells } from './cell-letters.js';
import { diffCorrections, diffFindings, type OpenFinding, type StoredCorrection } from './diff-judgement.js';
import { judgePerson, type Judgement } from './judge-person.js';
import { sortFacts, type PersonFacts } from './person-facts.js';

/** Everything read completely. */
const WORLD = worldOf();

const anyMonth = fc.constantFrom(...WINDOW);
const anyStory: fc.Arbitrary<Story> = fc.record({
  unpaid: fc.subarray([...WINDOW]),
  postings: fc.array(
    fc.record({
      month: anyMonth,
      insurance: fc.constantFrom('pension' as const, 'medical' as const),
      payer: fc.constantFrom('ACME', 'self', 'OTHER'),
      kind: fc.constantFrom('normal' as const, 'refund' as const, 'adjustment' as const),
      state: fc.constantFrom('paid' as const, 'unpaid' as const, 'unknown' as const),
      baseFen: fc.constantFrom(fen(900_000), fen(1_000_000), fen(100_000)),
    }),
    { maxLength: 6 },
  ),
  jobs: fc.constantFrom(
    [{}],
    [{ leftOn: day('2022-12-10') }],
    [{ hiredOn: day('2022-11-01') }],
    [{ leftOn: day('2022-10-31') }, { employer: 'OTHER', hiredOn: day('2022-12-01') }],
  ),
  orders: fc.array(
    fc.record({ orderId: fc.constantFrom('O1', 'O2'), months: fc.subarray([...WINDOW], { minLength: 1 }) }),
    { maxLength: 2 },
  ),
  shown: fc.constantFrom({}, { payroll: { status: 'gap' as const } }, { bureau: { bases: { pension: fen(1) } } }),
});

function answer(judged: Judgement): string {
  return JSON.stringify(judged);
}

describe('a judgement', () => {
  it('does not depend on the order in which records and items come', () => {
    fc.assert(
      fc.property(anyStory, fc.integer(), (story, seed) => {
        const person = personOf(story);
        const turned = <T>(list: readonly T[]): T[] =>
          [...list].sort((left, right) => hash(left, seed) - hash(right, seed));
        const records = turned(
          person.records.map((record) => ({ ...record, items: turned(record.items as readonly unknown[]) })),
        ) as unknown as PersonFacts['records'];
        expect(withoutOrder(judgePerson({ ...person, records }, WORLD))).toEqual(
          withoutOrder(judgePerson(person, WORLD)),
        );
      }),
      { numRuns: 120 },
    );
  });

  it('repeated on what it wrote itself changes nothing', () => {
    fc.assert(
      fc.property(anyStory, (story) => {
        const person = personOf(story);
        const judged = judgePerson(person, WORLD);
        const findings = diffFindings(storedFindings(judged), judged);
        const corrections = diffCorrections(storedCorrections(judged), judged, () => sortFacts(person.records));
        expect([...findings.opened, ...findings.updated, ...findings.closedIds, ...corrections.written]).toEqual([]);
        if (judged.outcome === 'judged') expect(corrections.deleted).toEqual([]);
      }),
      { numRuns: 120 },
    );
  });

  const unreadable: readonly (readonly [string, WorldChanges])[] = [
    ['never read', { reads: { 'bureau contributions': null } }],
    ['read incompletely', { reads: { 'bureau contributions': { complete: false } } }],
    ['read too long ago', { reads: { 'bureau contributions': { finishedAt: new Date('2026-11-21T13:59:00Z') } } }],
    ['without its list of persons', { reads: { 'bureau persons': { complete: false } } }],
    ['not connected', { connections: CONNECTIONS.filter((each) => each.role !== 'bureau') }],
    ['complete, and payroll is not', { reads: { 'payroll employments': { complete: false } } }],
  ];

  it.each(unreadable)('concludes nothing while the bureau is %s', (_, world) => {
    const unread = worldOf(world);
    fc.assert(
      fc.property(anyStory, (story) => {
        const person = personOf(story);
        const judged = judgePerson(person, unread);
        expect(judged).toMatchObject({ outcome: 'inconclusive', status: 'inconclusive', cells: [] });
        const known = judgePerson(person, WORLD);
        const changes = diffFindings(storedFindings(known), judged);
        expect(changes).toEqual({ opened: [], updated: [], closedIds: [] });
        expect(diffCorrections(storedCorrections(known), judged, () => sortFacts(person.records)).written).toEqual([]);
      }),
      { numRuns: 25 },
    );
  });

  it('is concluded from a read that is just young enough', () => {
    const world = { reads: { 'bureau contributions': { finishedAt: new Date('2026-11-21T14:00:00Z') } } };
    expect(judgePerson(personOf(), worldOf(world)).status).toBe('insured');
  });
});

describe('rows in quarantine', () => {
  const setAside = [{ connectionId: 'bureau', stream: 'persons' as const, reason: 'identity-check-character' }];

  it('make nothing of a person whom the bureau does not list: the row may be his', () => {
    const person = personOf({ shown: { bureau: null }, unpaid: [...WINDOW] });
    expect(judgePerson(person, worldOf({ setAside }))).toMatchObject({
      why: { reason: 'row-set-aside', connectionId: 'bureau', stream: 'persons' },
    });
    expect(judgePerson(person, WORLD).status).toBe('gap');
  });

  it('of others do not touch a person whom the bureau lists', () => {
    expect(judgePerson(personOf({ unpaid: ['2022-12'] }), worldOf({ setAside })).status).toBe('gap');
  });

  it('of his own postings or employments leave a person inconclusive', () => {
    for (const stream of ['contributions', 'employments'] as const) {
      const person = personOf({ unpaid: ['2022-12'] });
      const records = person.records.map((record) =>
        record.stream === stream ? { ...record, isPartial: true } : record,
      );
      expect(judgePerson({ ...person, records }, WORLD)).toMatchObject({ why: { reason: 'row-set-aside', stream } });
    }
  });

  it('of his own wages leave the bases unknown and everything else judged', () => {
    const person = personOf({ unpaid: ['pension 2022-12'], postings: [{ baseFen: fen(900_000) }] });
    const records = person.records.map((record) =>
      record.stream === 'wages' ? { ...record, isPartial: true } : record,
    );
    expect(judgePerson({ ...person, records }, WORLD)).toMatchObject({
      status: 'insured',
      findings: [],
      corrections: [],
    });
  });
});

describe('what is known of a person', () => {
  it('is nothing without an employment, or before the first day of work', () => {
    expect(judgePerson(personOf({ jobs: [] }), WORLD)).toMatchObject({ why: { reason: 'no-employment' } });
    expect(judgePerson(personOf({ jobs: [{ hiredOn: day('2023-03-21') }] }), WORLD)).toMatchObject({
      why: { reason: 'not-hired-yet' },
    });
  });

  it('is over when no source names him any more: what was open is closed', () => {
    const known = judgePerson(personOf({ unpaid: ['2022-12'] }), WORLD);
    const judged = judgePerson({ ...personOf(), records: [] }, WORLD);
    expect(diffFindings(storedFindings(known), judged).closedIds).toHaveLength(2);
    expect(diffCorrections(storedCorrections(known), judged, () => sortFacts([])).deleted).toHaveLength(3);
  });
});

describe('open findings and corrections', () => {
  it('are closed, opened and updated by what the months show', () => {
    const before = judgePerson(personOf({ unpaid: ['2022-11', 'pension 2022-12'] }), WORLD);
    const after = judgePerson(
      personOf({ unpaid: ['pension 2022-12'], postings: [{ insurance: 'medical', payer: 'self' }] }),
      WORLD,
    );
    const changes = diffFindings(storedFindings(before), after);
    expect(changes.opened.map((each) => each.situation)).toEqual(['double-coverage']);
    expect(changes.updated.map(({ finding }) => finding.months)).toEqual([['2022-12']]);
    expect(changes.closedIds).toEqual(['finding 1']);
  });

  it('stay open for a month that cannot be told any more while another month is a certain gap', () => {
    const before = judgePerson(personOf({ unpaid: ['medical 2022-12', 'pension 2022-11'] }), WORLD);
    const after = judgePerson(
      personOf({
        unpaid: ['medical 2022-12', 'pension 2022-11'],
        postings: [{ insurance: 'medical', state: 'unknown' }],
      }),
      WORLD,
    );
    expect(after.status).toBe('gap');
    expect(diffFindings(storedFindings(before), after).closedIds).toEqual([]);
  });

  it('are settled while nothing can be concluded, as soon as the target shows the value', () => {
    const stored = storedCorrections(judgePerson(personOf({ unpaid: ['2022-12'] }), WORLD));
    const world = worldOf({ reads: { 'bureau contributions': { complete: false } } });
    const person = personOf({ unpaid: ['2022-12'], shown: { payroll: { status: 'gap' } } });
    const { deleted } = diffCorrections(stored, judgePerson(person, world), () => sortFacts(person.records));
    expect(deleted.map((each) => each.connectionId)).toEqual(['payroll']);
  });

  it('of a person who is frozen meanwhile are taken back even while nothing can be concluded', () => {
    const stored = storedCorrections(judgePerson(personOf({ unpaid: ['2022-12'] }), WORLD));
    const person = personOf({ unpaid: ['2022-12'], frozen: true });
    const judged = judgePerson(person, worldOf({ reads: { 'bureau contributions': { complete: false } } }));
    expect(diffCorrections(stored, judged, () => sortFacts(person.records)).deleted).toHaveLength(3);
  });
});

describe('stored cells', () => {
  it('hold a letter per month, and why nothing was concluded', () => {
    const judged = judgePerson(personOf({ unpaid: ['pension 2022-11', '2023-02'] }), WORLD);
    expect(storedCells(judged.cells, null)).toEqual({
      rows: [
        ['E1', 'pension', 'PPGPPs', 1_000_000],
        ['E1', 'medical', 'PPPPPs', 1_000_000],
      ],
      why: null,
    });
    expect(month('2022-09')).toBe(WINDOW[0]);
  });
});

function storedFindings(judged: Judgement): readonly OpenFinding[] {
  if (judged.outcome !== 'judged') return [];
  return judged.findings.map((finding, index) => ({
    ...finding,
    findingId: `finding ${index}`,
    personId: 'p',
    detail: JSON.parse(JSON.stringify(finding.detail)) as unknown,
  }));
}

function storedCorrections(judged: Judgement): readonly StoredCorrection[] {
  if (judged.outcome !== 'judged') return [];
  return judged.corrections.map((correction) => ({
    ...correction,
    personId: 'p',
    payloadHash: correction.payloadHash.toString('hex'),
  }));
}

/** Items of one record have no order; what is listed per item is compared as a set. */
function withoutOrder(judged: Judgement): unknown {
  return JSON.parse(answer(judged), (key, value: unknown) =>
    key === 'corrections' && Array.isArray(value) ? value.map((each) => JSON.stringify(each)).sort() : value,
  ) as unknown;
}

function hash(value: unknown, seed: number): number {
  let mixed = seed;
  for (const character of JSON.stringify(value)) mixed = (Math.imul(mixed, 31) + character.charCodeAt(0)) | 0;
  return mixed;
}
