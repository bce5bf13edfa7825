/** Facts about turning rows into records: shapes, missing fields, revisions, and what is refused. */
import { parse } from 'yaml';
import { ExactNumber } from '../exact-json.js';
import { readSchema } from '../read.schema.js';
import { ReadMapper, type MappedPage } from './read-mapper.js';

const CODES = {
  status: { 正常: 'insured', 断缴: 'gap' },
  insurance: { 养老: 'pension', 医疗: 'medical' },
  idType: { '1': 'resident-id', '4': 'passport' },
};
const VALID_ID = '11010519491231002X';

function mapper(read: string): ReadMapper {
  const spec = readSchema.parse(parse(`request: { get: /x }\npaging: { type: none }\nowner: id\n${read}`));
  return new ReadMapper(spec, { codes: CODES, config: { company: 'E-1' } });
}

function map(read: string, ...rows: readonly unknown[]): MappedPage {
  const compiled = mapper(read);
  return compiled.mapPage(rows, compiled.beginTraversal());
}

const persons = (fields: string, rest = ''): string =>
  `rows: rows\n${rest}\nemit: { persons: { fields: { ${fields} } } }`;
const one = (fields: string, row: unknown): unknown => map(persons(fields), row).records[0]?.item;
const why = (read: string, row: unknown): unknown => {
  const [rejected] = map(read, row).rejected;
  return rejected === undefined ? null : [rejected.field, rejected.reason];
};

const WAGES = `rows: rows
emit:
  wages:
    key: [month]
    expand: { type: zip, arrays: [gross, pension], skipWhenEmpty: gross, position: n }
    fields: { month: { path: n, as: month-of-year, year: { path: parent.year } }, grossFen: { path: gross, as: yuan }, withheld.pension: { path: pension, as: yuan, optional: true } }
    revisions: { by: [month], order: parent.revision, keep: highest }`;

describe('empty values', () => {
  it('a required field that is not there refuses the record and counts as drift', () => {
    const { rejected, drift, records } = map(persons('name: name, mobile: mobile'), { id: 'a', name: 'x' });
    expect(records).toEqual([]);
    expect(rejected).toMatchObject([
      { stream: 'persons', ownerKey: 'a', field: 'mobile', reason: 'missing-field', raw: { id: 'a', name: 'x' } },
    ]);
    expect(drift).toEqual({ 'persons.mobile': 1 });
  });

  it('an optional one is left out, a default takes its place, unknown fields are ignored', () => {
    expect(
      one("name: name, mobile: { path: mobile, optional: true }, employeeNo: { path: no, default: '0' }", {
        id: 'a',
        name: 'x',
        shoeSize: 43,
      }),
    ).toEqual({ name: 'x', employeeNo: '0' });
  });

  it('false is empty where the manifest says so, and a refusal where it does not', () => {
    expect(one('name: { path: name, empty: false }', { id: 'a', name: false })).toEqual({ name: null });
    expect(why(persons('name: name'), { id: 'a', name: false })).toEqual(['name', 'not-text']);
  });

  it('a reference pair gives its id or its label', () => {
    expect(
      one('name: { path: n, as: reference-pair, take: label }, employeeNo: { path: n, as: reference-pair }', {
        id: 'a',
        n: [7, 'Li'],
      }),
    ).toEqual({ name: 'Li', employeeNo: '7' });
    expect(one('name: { path: n, as: reference-pair }', { id: 'a', n: false })).toEqual({ name: null });
  });

  it('text is trimmed; blanks are empty', () => {
    expect(one('name: name, mobile: { path: m, optional: true }', { id: 'a', name: ' x　', m: '  ' })).toEqual({
      name: 'x',
    });
  });
});

describe('identity numbers', () => {
  const fields =
    'identity: { path: no, as: id-number, idType: { path: type, codes: idType, optional: true } }, name: { const: x }';

  it('are checked', () => {
    expect(map(persons(fields), { id: 'a', no: VALID_ID.toLowerCase() }).records[0]?.identity).toEqual({
      type: 'resident-id',
      number: VALID_ID,
    });
    expect(why(persons(fields), { id: 'a', no: '110105194912310021' })).toEqual([
      'identity',
      'identity-check-character',
    ]);
    expect(why(persons(fields), { id: 'a', no: '12' })).toEqual(['identity', 'identity-shape']);
    expect(why(persons(fields), { id: 'a', no: VALID_ID, type: '9' })).toEqual(['identity', 'unknown-code']);
  });

  it.each([
    [110105194912310000],
    [new ExactNumber('110105194912310028')],
    [{ isLosslessNumber: true, value: '110105194912310028' }],
  ])('a number that is no text is refused: its digits may be lost', (no) => {
    expect(why(persons(fields), { id: 'a', no })).toEqual(['identity', 'not-a-string']);
  });
});

describe('money', () => {
  it.each([
    ['1,234.50', 123_450],
    ['1234.50000000', 123_450],
    [1234.5, 123_450],
    [0.29, 29],
    ['-3.1', -310],
    [new ExactNumber('90071992547409'), 9_007_199_254_740_900],
  ])('%s yuan are %d fen', (raw, fen) => {
    expect(
      map(
        'rows: rows\nemit: { wages: { key: [month], fields: { month: { const: 2023-01, as: month }, grossFen: { path: g, as: yuan } } } }',
        { id: 'a', g: raw },
      ).records[0]?.item,
    ).toMatchObject({ grossFen: fen });
  });

  it.each(['1,2345.6', '12.345', 'abc', 0.1 + 0.2, true, { amount: 1 }, [1]])('%p is not money', (raw) => {
    expect(why(WAGES, { id: 'a', year: 2023, revision: 1, gross: [raw], pension: [] })).toEqual([
      'grossFen',
      'not-money',
    ]);
  });

  it('a dash is no amount', () => {
    expect(
      map(WAGES, { id: 'a', year: 2023, revision: 1, gross: ['5000.00'], pension: ['-'] }).records[0]?.item,
    ).toEqual({ month: '2023-01', grossFen: 500_000, withheld: {} });
  });

  it('a typed object is read through its path', () => {
    expect(
      one('name: { const: x }, bases.pension: { path: b.value, as: yuan }', {
        id: 'a',
        b: { __class__: 'Decimal', value: '5000.0' },
      }),
    ).toEqual({ name: 'x', bases: { pension: 500_000 } });
  });
});

describe('months and days', () => {
  const month = (spec: string): string =>
    `rows: rows\nemit: { attendance: { key: [month], fields: { month: ${spec}, requiredDaysHundredths: { const: 21, as: hundredths }, workedDaysHundredths: { const: 21, as: hundredths } } } }`;

  it.each([
    ['{ path: m, as: month, format: yyyyMM }', '202301'],
    ['{ path: m, as: month, format: yyyyMM }', 202301],
    ['{ path: m, as: month }', '2023-01'],
    ['{ path: m, as: month, format: yyyy/MM/dd }', '2023/01/31'],
    ['{ path: m, as: month-of-year, first: 0, year: { const: 2023 } }', 0],
  ])('%s reads %p', (spec, raw) => {
    expect(map(month(spec), { id: 'a', m: raw }).records[0]?.itemKey).toBe('2023-01');
  });

  it('a month of 13 is refused', () => {
    expect(why(month('{ path: m, as: month, format: yyyyMM }'), { id: 'a', m: '202313' })).toEqual([
      'month',
      'not-a-month',
    ]);
    expect(why(month('{ path: m, as: month-of-year, year: { const: 2023 } }'), { id: 'a', m: 13 })).toEqual([
      'month',
      'not-a-month',
    ]);
  });
});

describe('shapes', () => {
  it('twelve wage months in one row, the highest revision wins within and across pages', () => {
    const compiled = mapper(WAGES);
    const traversal = compiled.beginTraversal();
    const row = (revision: number, gross: readonly unknown[]): unknown => ({
      id: 'a',
      year: 2023,
      revision,
      gross,
      pension: gross.map(() => '1'),
    });
    const first = compiled.mapPage([row(2, ['200', null, '220']), row(1, ['100', '110', null])], traversal);
    expect(first.records.map((record) => [record.itemKey, (record.item as { grossFen: number }).grossFen])).toEqual([
      ['2023-01', 20_000],
      ['2023-03', 22_000],
      ['2023-02', 11_000],
    ]);
    const second = compiled.mapPage([row(0, ['90', '90', '90']), row(3, ['300', null, null])], traversal);
    expect(second.records.map((record) => [record.itemKey, (record.item as { grossFen: number }).grossFen])).toEqual([
      ['2023-01', 30_000],
    ]);
  });

  it('one bad month does not take the others with it, and is told once per row', () => {
    const { records, rejected } = map(WAGES, {
      id: 'a',
      year: 2023,
      revision: 1,
      gross: ['100', 'x', 'y'],
      pension: [],
    });
    expect(records).toHaveLength(1);
    expect(rejected).toHaveLength(1);
  });

  it('jobs inside an employee row, with fields of the employee', () => {
    const read = `rows: rows
emit:
  employments:
    key: [employmentId]
    expand: { type: items, path: jobs }
    fields: { employmentId: no, employer: parent.company, region: { const: '440300' }, hiredOn: { path: from, as: date, format: yyyy/MM/dd }, leftOn: { path: to, as: date, format: yyyy/MM/dd, empty: '0000/00/00' } }`;
    const { records } = map(read, {
      id: 'a',
      company: 'C',
      jobs: [
        { no: 1, from: '2020/01/31', to: '2021/02/28' },
        { no: 2, from: '2022/03/01', to: '0000/00/00' },
      ],
    });
    expect(records.map((record) => record.item)).toMatchObject([
      { employmentId: '1', employer: 'C', leftOn: '2021-02-28' },
      { employmentId: '2', leftOn: null },
    ]);
  });

  it('key–value fields pivoted; what a system leaves out there counts as empty', () => {
    const read = persons('name: f.name, status: { path: f.ss, as: code, codes: status, empty: null }').replace(
      'rows: rows',
      'rows: { path: rows, pivot: { path: fields, key: code, value: v, into: f } }',
    );
    const compiled = mapper(read);
    const found = compiled.findRows({
      rows: [
        {
          id: 'a',
          fields: [
            { code: 'name', v: 'x' },
            { code: '__proto__', v: {} },
          ],
        },
      ],
    });
    expect(found.found && compiled.mapPage(found.rows, compiled.beginTraversal()).records[0]?.item).toEqual({
      name: 'x',
      status: null,
    });
  });

  it('orders: month ranges and lists in text', () => {
    const read = `rows: rows
emit:
  orders:
    key: [orderId]
    fields:
      orderId: no
      kind: { const: enrol }
      state: { path: s, as: code-map, map: { Y: done } }
      months: { as: month-range, from: { path: a, format: yyyyMM }, last: { path: b, format: yyyyMM, optional: true } }
      insurances: { path: i, as: list, separator: ['、', ','], of: { as: code, codes: insurance } }`;
    expect(
      map(read, { id: 'a', no: 1, s: 'Y', a: '202211', b: '202301', i: '养老、医疗,养老' }).records[0]?.item,
    ).toEqual({
      orderId: '1',
      kind: 'enrol',
      state: 'done',
      months: ['2022-11', '2022-12', '2023-01'],
      insurances: ['pension', 'medical'],
    });
    expect(why(read, { id: 'a', no: 1, s: 'Y', a: '202301', b: '202211', i: '养老' })).toEqual([
      'months',
      'month-range',
    ]);
    expect(why(read, { id: 'a', no: 1, s: 'N', a: '202301', i: '养老' })).toEqual(['state', 'unknown-code']);
  });

  it('a row that stands for a range of months', () => {
    const read = `rows: rows
emit:
  attendance:
    key: [month]
    expand: { type: months, from: { path: a }, until: { path: b }, into: m }
    fields: { month: { path: m, as: month }, requiredDaysHundredths: { path: parent.r, as: hundredths }, workedDaysHundredths: { path: parent.r, as: hundredths } }`;
    expect(map(read, { id: 'a', a: '2022-12', b: '2023-02', r: 21 }).records.map((record) => record.itemKey)).toEqual([
      '2022-12',
      '2023-01',
    ]);
  });

  it('JSON inside text, rows filtered, deleted ones left out, JMESPath for the rest', () => {
    const read = persons(
      "name: data.name, mobile: 'jmespath: phones[?kind==`m`] | [0].no'",
      'json: [data]\nfilterRow: { path: kind, in: [E] }\ndeleted: { path: gone, in: [true, 1] }',
    );
    const row = (changes: object): object => ({
      id: 'a',
      kind: 'E',
      data: '{"name":"x"}',
      phones: [
        { kind: 'h', no: 1 },
        { kind: 'm', no: 2 },
      ],
      ...changes,
    });
    expect(map(read, row({}), row({ kind: 'X' }), row({ gone: true })).records.map((record) => record.item)).toEqual([
      { name: 'x', mobile: '2' },
    ]);
    expect(why(read, row({ data: '{' }))).toEqual(['data', 'not-json']);
  });

  it('a row without an owner, or that is no map', () => {
    expect(why(persons('name: name'), { name: 'x' })).toEqual(['owner', 'missing-field']);
    expect(why(persons('name: name'), 'x')).toEqual(['row', 'row-shape']);
  });
});
