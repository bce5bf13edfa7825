import { fen } from '../domain/fen.js';
import { day, month } from '../domain/month.js';
import {
  CONNECTIONS,
  OTHER_CITY,
  WAGE,
  bookOf,
  personOf,
  worldOf,
  type Story,
  type WorldChanges,
} from '../../test/reconcile/small-world.js';
import { judgePerson } from './judge-person.js';
import type { PlannedCorrection } from './plan-corrections.js';

function planned(story: Story = {}, world: WorldChanges = {}): readonly PlannedCorrection[] {
  const judged = judgePerson(personOf(story), worldOf(world));
  return judged.outcome === 'judged' ? judged.corrections : [];
}

function lines(corrections: readonly PlannedCorrection[]): readonly string[] {
  return corrections.map(
    ({ connectionId, kind, objectKey, desired }) => `${connectionId} ${kind} ${objectKey} ${JSON.stringify(desired)}`,
  );
}

describe('a status', () => {
  it('is corrected where a system shows another one, or none', () => {
    const shown = { payroll: { status: 'gap' as const }, attendance: { status: null } };
    expect(lines(planned({ shown }))).toEqual([
      'attendance status  {"status":"insured"}',
      'payroll status  {"status":"insured"}',
    ]);
  });

  it('is left alone where the system cannot show one, does not list the person or cannot write it', () => {
    const person = personOf({ unpaid: ['2022-12'], shown: { attendance: null } });
    const records = person.records.map((record) =>
      record.connectionId === 'agency' ? { ...record, items: [{ name: null }] } : record,
    );
    const connections = CONNECTIONS.map((each) => (each.connectionId === 'payroll' ? { ...each, writes: [] } : each));
    const judged = judgePerson({ ...person, records: records as typeof person.records }, worldOf({ connections }));
    expect(judged).toMatchObject({ status: 'gap', corrections: [] });
  });

  it('is not corrected in a record that is gone', () => {
    const person = personOf({ shown: { agency: { status: 'gap' } } });
    const records = person.records.map((record) =>
      record.connectionId === 'agency' ? { ...record, goneAt: new Date(0) } : record,
    );
    expect(judgePerson({ ...person, records }, worldOf())).toMatchObject({ corrections: [] });
  });

  it('is never pushed for a frozen person, whose findings are kept', () => {
    const judged = judgePerson(personOf({ unpaid: ['2022-12'], frozen: true }), worldOf());
    expect(judged).toMatchObject({ status: 'gap', corrections: [] });
    expect(judged.outcome === 'judged' && judged.findings.length).toBe(2);
  });

  it('carries what was seen, and a hash that changes with the wanted value only', () => {
    const [fromGap] = planned({ shown: { payroll: { status: 'gap' } } });
    const [fromNone] = planned({ shown: { payroll: { status: null } } });
    const [stopped] = planned({
      jobs: [{ leftOn: day('2023-02-28') }],
      shown: { payroll: { status: 'gap' }, attendance: { status: 'stopped' }, agency: { status: 'stopped' } },
    });
    expect(fromGap?.seen).toEqual({ status: 'gap' });
    expect(fromGap?.payloadHash.equals(fromNone?.payloadHash ?? Buffer.alloc(0))).toBe(true);
    expect(fromGap?.payloadHash.equals(stopped?.payloadHash ?? Buffer.alloc(0))).toBe(false);
  });
});

describe('bases', () => {
  const low = { pension: fen(900_000), medical: WAGE };

  it('are corrected in payroll, whole, with those that were right already', () => {
    expect(lines(planned({ shown: { payroll: { bases: low } } }))).toEqual([
      `payroll bases  {"bases":{"pension":${WAGE},"medical":${WAGE}}}`,
    ]);
  });

  it('that payroll does not show are not invented', () => {
    expect(planned({ shown: { payroll: { bases: { pension: WAGE } } } })).toEqual([]);
  });

  it('are declared at the bureau per insurance from the as-of month on, which moves money', () => {
    const [declaration] = planned({ shown: { bureau: { bases: low } } });
    expect(declaration).toMatchObject({
      kind: 'declaration',
      objectKey: 'pension:2023-03',
      desired: { insurance: 'pension', baseFen: WAGE, effectiveMonth: '2023-03' },
      seen: { baseFen: 900_000 },
      movesMoney: true,
    });
  });

  it('are not declared at a bureau that served another place only, where several know the person', () => {
    const second = {
      ...CONNECTIONS[0],
      connectionId: 'elsewhere',
      role: 'bureau' as const,
      streams: ['persons'],
      writes: ['declaration'],
      freshHours: 36,
    };
    const person = personOf();
    const owner = {
      connectionId: 'elsewhere',
      role: 'bureau' as const,
      ownerKey: 'Z1',
      goneAt: null,
      isPartial: false,
    };
    const view = { ...owner, stream: 'persons' as const, items: [{ name: null, bases: low }] };
    const posting = {
      ...person.records.find((record) => record.stream === 'contributions')?.items[0],
      region: OTHER_CITY,
      payer: 'FORMER',
      month: month('2021-01'),
    };
    const posted = { ...owner, stream: 'contributions' as const, items: [posting] };
    const judged = judgePerson(
      { ...person, records: [...person.records, view, posted as never] },
      worldOf({ connections: [...CONNECTIONS, second] }),
    );
    expect(judged).toMatchObject({ corrections: [] });
  });

  it('are left alone for who left, where the base is unknown and where running employments disagree', () => {
    const shown = { payroll: { bases: low }, bureau: { bases: low } };
    const stopped = {
      payroll: { ...shown.payroll, status: 'stopped' as const },
      attendance: { status: 'stopped' as const },
      agency: { status: 'stopped' as const },
    };
    expect(planned({ jobs: [{ leftOn: day('2023-02-28') }], shown: { ...shown, ...stopped } })).toEqual([]);
    expect(planned({ shown }, { book: bookOf([], ['base_cap']) })).toEqual([]);
    const book = bookOf([{ parameter: 'base_floor', text: '12000', region: OTHER_CITY }]);
    const twoJobs = [{}, { employer: 'NEXT', region: OTHER_CITY }];
    expect(planned({ jobs: twoJobs, shown }, { book }).filter((each) => each.kind !== 'status')).toEqual([]);
  });

  it('that rest on an unverified figure say so', () => {
    const book = bookOf([{ parameter: 'base_cap', text: '24930', status: 'unverified' }]);
    expect(planned({ shown: { payroll: { bases: low } } }, { book })[0]?.reason).toEqual({
      rule: 'expected-base',
      unverified: true,
    });
  });
});

describe('an order', () => {
  it('is finished when the bureau shows every month and insurance as paid', () => {
    expect(lines(planned({ orders: [{}] }))).toEqual(['agency order-state O1 {"orderId":"O1","orderState":"done"}']);
  });

  it('is left alone while one insurance is missing, when it reaches outside the window, and when it is closed', () => {
    expect(
      planned({ unpaid: ['medical 2022-12'], orders: [{}] }).filter((each) => each.kind === 'order-state'),
    ).toEqual([]);
    expect(planned({ orders: [{ months: [month('2022-08'), month('2022-12')] }] })).toEqual([]);
    expect(planned({ orders: [{ state: 'done' }, { orderId: 'O2', kind: 'enrol' }] })).toEqual([]);
  });
});
