/** Whatever JSON a system sends, mapping makes records or refuses with a reason; it never throws. */
import fc from 'fast-check';
import { parse } from 'yaml';
import { readSchema } from '../read.schema.js';
import { ReadMapper } from './read-mapper.js';

const CODES = { status: { 正常: 'insured' }, insurance: { 养老: 'pension' } };

function mapper(read: string): ReadMapper {
  const spec = readSchema.parse(parse(`request: { get: /x }\npaging: { type: none }\nowner: id\n${read}`));
  return new ReadMapper(spec, { codes: CODES, config: {} });
}

const WAGES = `rows: rows
emit:
  wages:
    key: [month]
    expand: { type: zip, arrays: [gross, pension], skipWhenEmpty: gross, position: n }
    fields: { month: { path: n, as: month-of-year, year: { path: parent.year } }, grossFen: { path: gross, as: yuan } }
    revisions: { by: [month], order: parent.revision, keep: highest }`;

const persons = (fields: string, rest: string): string =>
  `rows: rows\n${rest}\nemit: { persons: { fields: { ${fields} } } }`;

describe('whatever a system sends', () => {
  const reads = [
    WAGES,
    persons(
      "identity: { path: b, as: id-number }, name: 'jmespath: length(a)', status: { path: a.b, as: code, codes: status }, bases.pension: { path: c, as: yuan, optional: true }",
      'json: [a]',
    ),
    `rows: { header: h, values: v }\nemit: { orders: { key: [orderId], fields: { orderId: a, kind: { const: enrol }, state: { path: b, as: code-map, map: { x: done } }, months: { path: a, as: list, of: { as: month } }, insurances: { path: c, as: list, separator: ',', of: { as: code, codes: insurance } } } } }`,
    `rows: { path: rows, pivot: { path: a, key: b, value: c, into: f } }\nemit: { attendance: { key: [month], expand: { type: items, path: f.a, position: p }, fields: { month: { path: p, as: month, format: epoch-ms }, requiredDaysHundredths: { path: a, as: hundredths }, workedDaysHundredths: { path: '.', as: hundredths } } } }`,
  ].map(mapper);
  const key = fc.constantFrom(
    'a',
    'b',
    'c',
    'id',
    'gross',
    'pension',
    'year',
    'revision',
    'h',
    'v',
    'rows',
    '__proto__',
    'length',
  );
  const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
    tree: fc.oneof(
      { maxDepth: 4 },
      fc.string(),
      fc.double(),
      fc.integer(),
      fc.boolean(),
      fc.constant(null),
      fc.constantFrom('2023-01', '1.5', '养老', '1e5'),
      fc.array(tie('tree'), { maxLength: 4 }),
      fc.dictionary(key, tie('tree'), { maxKeys: 5 }),
    ),
  }));

  it('mapping never throws: it makes records or refuses with a reason', () => {
    fc.assert(
      fc.property(fc.array(tree, { maxLength: 5 }), (received) => {
        for (const compiled of reads) {
          const rows = received.map((row) => (typeof row === 'object' && row !== null ? { id: 'a', ...row } : row));
          const found = compiled.findRows({ rows, h: ['id', 'a', 'b', 'c'], v: rows });
          if (!found.found) continue;
          for (const { reason } of compiled.mapPage(found.rows, compiled.beginTraversal()).rejected)
            expect(reason).toMatch(/^[a-z-]+$/);
        }
      }),
      { numRuns: 300 },
    );
  });
});
