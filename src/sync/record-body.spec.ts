import fc from 'fast-check';
import { fen, ppm } from '../domain/fen.js';
import { CONTRIBUTION_KINDS, CONTRIBUTION_STATES, INSURANCES } from '../domain/insurance.js';
import { day, month, monthFromIndex } from '../domain/month.js';
import type { StreamItems } from '../domain/records.js';
import { region } from '../domain/region.js';
import type { StreamRecord } from '../connectors/port.js';
import { portionsOf } from './portions.js';
import {
  contentHash,
  decodeItems,
  joinLines,
  keyOfLine,
  keysOf,
  mergeBodies,
  splitLines,
  withoutItems,
  withoutKeysOf,
} from './record-body.js';

const POSTING: StreamItems['contributions'] = {
  month: month('2023-01'),
  insurance: 'pension',
  kind: 'normal',
  state: 'paid',
  payer: 'E0001',
  region: region('440300'),
  baseFen: fen(1_800_000),
  employeeFen: fen(144_000),
  employerFen: fen(288_000),
};

const BILL: StreamItems['bills'] = {
  billId: 'ZD202303',
  state: 'in-effect',
  insurance: 'medical',
  month: month('2022-12'),
  billedMonth: month('2023-03'),
  employeeFen: fen(1),
  employerFen: fen(2),
};

function posting(itemKey: string, item: Partial<StreamItems['contributions']> = {}): StreamRecord {
  return { stream: 'contributions', ownerKey: 'P1', itemKey, identity: null, item: { ...POSTING, ...item } };
}

/** The body of one owner's records, as a page brings them. */
function bodyOf(...records: readonly StreamRecord[]): string {
  const [portion] = portionsOf(records);
  if (portion === undefined) throw new Error('A body needs records.');
  expect(portion.hash).toBe(contentHash(portion.body()));
  return portion.body();
}

describe('a record body', () => {
  it('gives every item of every stream back as it was, telling "no such field" from "empty"', () => {
    const records: StreamRecord[] = [
      { stream: 'persons', ownerKey: 'P', itemKey: '', identity: null, item: { name: null } },
      {
        stream: 'persons',
        ownerKey: 'P',
        itemKey: '',
        identity: null,
        item: {
          name: '李"某',
          mobile: null,
          employeeNo: '07',
          status: null,
          bases: { medical: fen(2), pension: fen(1) },
        },
      },
      {
        stream: 'employments',
        ownerKey: 'P',
        itemKey: 'J1',
        identity: null,
        item: {
          employmentId: 'J1',
          employer: '甲',
          region: region('320500-sip'),
          hiredOn: day('2023-03-01'),
          leftOn: null,
        },
      },
      {
        stream: 'employments',
        ownerKey: 'P',
        itemKey: 'J1',
        identity: null,
        item: {
          employmentId: 'J1',
          employer: '甲',
          region: region('440300'),
          hiredOn: day('2023-03-01'),
          leftOn: day('2023-04-30'),
          startWageFen: null,
          hukou: 'local',
          payingParty: null,
        },
      },
      {
        stream: 'wages',
        ownerKey: 'P',
        itemKey: '2023-01',
        identity: null,
        item: { month: month('2023-01'), grossFen: fen(-5) },
      },
      {
        stream: 'wages',
        ownerKey: 'P',
        itemKey: '2023-01',
        identity: null,
        item: { month: month('2023-01'), grossFen: fen(5), withheld: {}, state: 'final' },
      },
      {
        stream: 'attendance',
        ownerKey: 'P',
        itemKey: '2023-01',
        identity: null,
        item: { month: month('2023-01'), requiredDaysHundredths: 2150, workedDaysHundredths: 0 },
      },
      posting('S1', { baseFen: null, employeeRatePpm: ppm(80_000) }),
      posting('S1', { employerRatePpm: null }),
      {
        stream: 'orders',
        ownerKey: 'P',
        itemKey: 'O1',
        identity: null,
        item: {
          orderId: 'O1',
          kind: 'back-payment',
          state: 'pending',
          months: [month('2022-12'), month('2023-01')],
          insurances: ['medical'],
          baseFen: null,
        },
      },
      {
        stream: 'submissions',
        ownerKey: 'P',
        itemKey: 'B1',
        identity: null,
        item: {
          submissionId: 'B1',
          kind: 'declaration',
          state: 'received',
          insurance: 'pension',
          effectiveMonth: month('2023-02'),
        },
      },
      { stream: 'bills', ownerKey: 'P', itemKey: 'Z1', identity: null, item: BILL },
      {
        stream: 'bills',
        ownerKey: 'P',
        itemKey: 'Z2',
        identity: null,
        item: {
          ...BILL,
          ...{
            state: 'closed',
            orderId: 'O1',
            baseFen: fen(500_000),
            backPayEmployeeFen: fen(3),
            backPayEmployerFen: null,
          },
          ...{ lateFeeEmployeeFen: fen(0), lateFeeEmployerFen: fen(5), serviceFeeFen: fen(3000) },
          ...{ dueFen: fen(7), paidFen: fen(-8), differenceFen: fen(15) },
        },
      },
      {
        stream: 'bills',
        ownerKey: 'P',
        itemKey: 'Z3',
        identity: null,
        item: { ...BILL, orderId: null, paidFen: fen(1) },
      },
    ];
    for (const record of records) expect(decodeItems(record.stream, bodyOf(record))).toStrictEqual([record.item]);
  });

  it('gives back why an office refused, and is what it was where no office says why', () => {
    const application = {
      submissionId: 'B1',
      kind: 'back-payment',
      state: 'rejected',
      insurance: 'pension',
      effectiveMonth: month('2023-02'),
    } as const;
    const record = { stream: 'submissions', ownerKey: 'P', itemKey: 'B1', identity: null } as const;
    const bodyWith = (item: StreamItems['submissions']): string => bodyOf({ ...record, item });
    for (const reason of ['材料不全：“缺”合同', null]) {
      const item = { ...application, reason };
      expect(decodeItems('submissions', bodyWith(item))).toStrictEqual([item]);
    }
    // Stored before there were reasons: the same bytes, so nobody is judged again for an upgrade.
    const before = bodyWith(application);
    expect(before).toBe('[1,\n["B1","B1",2,4,1,202302,false]]');
    expect(decodeItems('submissions', before)).toStrictEqual([application]);
  });

  it('gives back any contribution', () => {
    const money = fc.integer({ min: -1e12, max: 1e12 }).map(fen);
    const item = fc.record({
      month: fc.integer({ min: 1990 * 12, max: 2099 * 12 }).map(monthFromIndex),
      insurance: fc.constantFrom(...INSURANCES),
      kind: fc.constantFrom(...CONTRIBUTION_KINDS),
      state: fc.constantFrom(...CONTRIBUTION_STATES),
      payer: fc.string({ unit: 'grapheme' }),
      region: fc.constantFrom(region('440300'), region('320500-sip')),
      baseFen: fc.option(money),
      employeeFen: money,
      employerFen: money,
    });
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), item, (key, value) => {
        const body = bodyOf(posting(key, value));
        expect(decodeItems('contributions', body)).toStrictEqual([{ ...value }]);
        expect(splitLines(body).map(keyOfLine)).toStrictEqual([JSON.stringify(key)]);
      }),
    );
  });

  it('hashes alike whatever order the items and the money of an item came in', () => {
    const one = {
      stream: 'wages',
      ownerKey: 'P',
      itemKey: '2023-01',
      identity: null,
      item: { month: month('2023-01'), grossFen: fen(5), withheld: { pension: fen(1), medical: fen(2) } },
    } as const;
    const other = { ...one, item: { ...one.item, withheld: { medical: fen(2), pension: fen(1) } } };
    expect(bodyOf(one)).toBe(bodyOf(other));
    expect(contentHash(bodyOf(posting('S2'), posting('S1')))).toBe(contentHash(bodyOf(posting('S1'), posting('S2'))));
    expect(contentHash(bodyOf(posting('S1')))).not.toBe(contentHash(bodyOf(posting('S1', { state: 'unpaid' }))));
  });

  it('overlays what is stored item by item and says which items were not named', () => {
    const odd = 'a "quoted\\" key, with a comma';
    const stored = bodyOf(posting('S1'), posting('S2'), posting(odd));
    const merged = mergeBodies(stored, bodyOf(posting('S2', { state: 'unpaid' }), posting('S3')));
    expect(merged.body).toBe(bodyOf(posting('S1'), posting('S2', { state: 'unpaid' }), posting('S3'), posting(odd)));
    expect(merged.unnamed).toBe(`,"S1",${JSON.stringify(odd)},`);
    expect(withoutItems(merged.body, merged.unnamed)).toBe(bodyOf(posting('S2', { state: 'unpaid' }), posting('S3')));
  });

  it('knows items that are stored as they arrive, wherever in the body they stand', () => {
    const keys = ['S1', 'S2', 'S3', 'S4', 'a,"b', '\\'];
    const stored = bodyOf(...keys.map((key) => posting(key)));
    fc.assert(
      fc.property(fc.subarray(keys, { minLength: 1 }), (named) => {
        const arriving = splitLines(bodyOf(...named.map((key) => posting(key))));
        const merged = mergeBodies(stored, joinLines(arriving));
        expect(merged.body).toBe(stored);
        expect(withoutItems(stored, merged.unnamed)).toBe(joinLines(arriving));
        expect(withoutKeysOf(merged.unnamed, keysOf(arriving))).toBe(merged.unnamed);
        expect(withoutItems(stored, withoutKeysOf(keysOf(splitLines(stored)), keysOf(arriving)))).toBe(
          joinLines(arriving),
        );
      }),
    );
  });

  it('keeps the later of two revisions of one item, and every owner apart, however the records of a page are mixed', () => {
    const other = (itemKey: string): StreamRecord => ({ ...posting(itemKey), ownerKey: 'P2' });
    const mixed = portionsOf([
      posting('S2'),
      other('S1'),
      posting('S1'),
      posting('S2', { state: 'unpaid' }),
      other('S3'),
      posting('S3'),
    ]);
    expect(mixed.map((portion) => [portion.ownerKey, portion.body()])).toStrictEqual([
      ['P1', bodyOf(posting('S1'), posting('S2', { state: 'unpaid' }), posting('S3'))],
      ['P2', bodyOf(posting('S1'), posting('S3'))],
    ]);
    expect(mixed.map((portion) => portion.hash)).toStrictEqual(mixed.map((portion) => contentHash(portion.body())));
  });

  it('keeps seventeen contributions of half a year under 1.2 KB', () => {
    const records = Array.from({ length: 17 }, (_, index) => posting(`S202301-${index}`));
    expect(Buffer.byteLength(bodyOf(...records))).toBeLessThan(1_200);
  });

  it('refuses a body of another version', () => {
    expect(() => decodeItems('wages', '[2,\n["k",202301,1,false,false]]')).toThrow(
      expect.objectContaining({ code: 'record-body-version' }),
    );
    expect(() => splitLines('[2,\n["k"]]')).toThrow(expect.objectContaining({ code: 'record-body-version' }));
  });
});
