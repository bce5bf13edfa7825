/** The worked example of docs/connectors.md is a sound manifest and reads the reply beside it. */
import { readFileSync } from 'node:fs';
import { readManifest } from '../../src/connectors/http/load-manifest.js';
import { ReadMapper } from '../../src/connectors/http/mapping/read-mapper.js';
import { CONVERTER_NAMES } from '../../src/connectors/http/field.schema.js';
import { FILTER_NAMES } from '../../src/connectors/http/template-filters.js';
import { STREAM_FIELDS } from '../../src/connectors/http/mapping/stream-fields.js';

const guide = readFileSync(new URL('../../docs/connectors.md', import.meta.url), 'utf8');
const block = (language: string, holding: string): string => {
  const found = [...guide.matchAll(/```(\w+)\n([\s\S]*?)```/g)].find(
    ([, name, text]) => name === language && text?.includes(holding),
  );
  return found?.[2] ?? '';
};

it('the example maps the reply of the example', () => {
  const manifest = readManifest(block('yaml', 'maple-hr'), 'docs/connectors.md');
  const people = manifest.reads['people'];
  if (people === undefined) throw new Error('The example has no read "people".');
  const mapper = new ReadMapper(people, { codes: manifest.codes, config: {} });
  const found = mapper.findRows(JSON.parse(block('json', '"people"')));
  const page = found.found ? mapper.mapPage(found.rows, mapper.beginTraversal()) : null;
  expect(page?.rejected).toEqual([]);
  expect(page?.records.map((record) => [record.stream, record.ownerKey, record.itemKey, record.item])).toEqual([
    ['persons', '1007', '', { name: '王某', status: 'insured', bases: { pension: 1_800_000 } }],
    [
      'employments',
      '1007',
      'P-1',
      { employmentId: 'P-1', employer: '深圳分公司', region: '440300', hiredOn: '2023-03-01', leftOn: null },
    ],
    ['wages', '1007', '2023-03', { month: '2023-03', grossFen: 1_800_000 }],
  ]);
});

it('every converter, filter and required field is explained', () => {
  for (const name of CONVERTER_NAMES) expect(guide).toContain(`\`${name}\``);
  for (const name of FILTER_NAMES) expect(guide).toMatch(new RegExp(`\`${name}[:\`]`));
  for (const [stream, fields] of Object.entries(STREAM_FIELDS)) {
    expect(guide).toContain(`\`${stream}\``);
    for (const [name, { required }] of Object.entries(fields)) if (required) expect(guide).toContain(`\`${name}\``);
  }
});
