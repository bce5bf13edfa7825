/** Facts about wrong manifests: each mistake is told with its line, what was expected and what to do. */
import { readFileSync } from 'node:fs';
import { ConfigError } from '../../platform/config/config-error.js';
import { loadManifest, readManifest } from './load-manifest.js';

const FOLDER = new URL('../../../manifests/', import.meta.url);
const textOf = (name: string): string => readFileSync(new URL(`sandbox-${name}.yaml`, FOLDER), 'utf8');

function problemsOf(text: string): readonly string[] {
  try {
    readManifest(text, 'm.yaml');
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
}

/** A shipped manifest with some text replaced; the replacement must happen. */
function changed(name: string, ...changes: readonly (readonly [string, string])[]): string {
  return changes.reduce((text, [from, to]) => {
    expect(text).toContain(from);
    return text.replace(from, () => to);
  }, textOf(name));
}

it.each(['bureau', 'payroll', 'attendance', 'agency'])('the manifest of the sandbox %s is sound', (name) => {
  expect(problemsOf(textOf(name))).toEqual([]);
});

describe('one mistake, one line', () => {
  it.each<readonly [string, string, readonly [string, string], string]>([
    [
      'an unknown key',
      'payroll',
      ['includesLeavers: true', 'includeLeavers: true'],
      'm.yaml:39:5  reads.employees.includeLeavers  unknown key; did you mean "includesLeavers"?',
    ],
    [
      'an identity number in an address',
      'bureau',
      [
        "{ post: /v1/person-query, json: { idNumbers: '${identities}' } }",
        "{ post: '/v1/person-query?id=${identities}' }",
      ],
      'reads.persons  puts identity numbers into an address or header; send ${identities} as json or form',
    ],
    [
      'a look for nobody',
      'bureau',
      ["json: { idNumbers: '${identities}' }", 'json: { all: true }'],
      'reads.persons.find  does not say whom it looks for; use ${identities} in the body of the request',
    ],
    ['an unknown converter', 'payroll', ['hireDate, as: date', 'hireDate, as: dates'], 'did you mean "date"?'],
    [
      'an unknown table',
      'payroll',
      ['city, as: code, codes: city', 'city, as: code, codes: citi'],
      'there is no code table "citi"; did you mean "city"?',
    ],
    [
      'an unknown field',
      'payroll',
      ['startWageFen:', 'startWagesFen:'],
      'the stream employments has no such field; did you mean "startWageFen"?',
    ],
    [
      'a missing field',
      'payroll',
      ['          employer: company\n', ''],
      'the field employer is missing; the stream employments cannot do without it',
    ],
    [
      'an unknown variable',
      'payroll',
      [
        "query: { page: '${page}', pageSize: 1000, includeLeavers",
        "query: { page: '${pag}', pageSize: 1000, includeLeavers",
      ],
      'unknown variable "pag"',
    ],
    ['an unknown filter', 'agency', ['window.from|month:yyyyMM', 'window.from|mnth:yyyyMM'], 'unknown filter "mnth"'],
    [
      'a read that waits for nobody',
      'agency',
      ['after: [members]', 'after: [member]'],
      'there is no read "member"; did you mean "members"?',
    ],
    [
      'a read that waits for itself',
      'bureau',
      ['after: [persons]', 'after: [contributions]'],
      'waits for itself (contributions → contributions)',
    ],
    [
      'a batch of nobody',
      'attendance',
      ['from: roster, batch: 200', 'from: roster, batch: 0'],
      'is too small; expected 1 to 1000 persons a request',
    ],
    [
      'a word the hub does not know',
      'bureau',
      ["'1': paid", "'1': payed"],
      '"payed" is no word of the hub for this; did you mean "paid"?',
    ],
    ['a region that is none', 'payroll', ["北京: '110000'", "北京: 'Beijing'"], 'is not a region code'],
    [
      'a converter for another kind of value',
      'bureau',
      ['path: aae180, as: yuan', 'path: aae180, as: percent'],
      '"percent" does not give what this field holds; expected as: yuan or fen',
    ],
    [
      'a format with unknown letters',
      'payroll',
      ['path: hireDate, as: date, format: yyyy/MM/dd', 'path: hireDate, as: date, format: yyyy/QQ/dd'],
      'has the unknown letter "Q"',
    ],
    ['an expression that is none', 'bureau', ['name: name', "name: 'jmespath: [name'"], 'is not a JMESPath expression'],
    [
      'a listing without an end',
      'payroll',
      [
        'pages: data.pages, total: data.total }\n    owner: empNo\n    includesLeavers',
        ' }\n    owner: empNo\n    includesLeavers',
      ],
      'nothing proves the end; declare pages, total, more or lastPage',
    ],
    [
      'a page that is never asked for',
      'payroll',
      ["query: { page: '${page}', pageSize: 1000, includeLeavers", 'query: { pageSize: 1000, includeLeavers'],
      'never says where a page begins; use ${page}',
    ],
    ['a secret that is not declared', 'payroll', ['secrets: [apiKey]', 'secrets: [key]'], 'secret.apiKey'],
    [
      'a keyed write without a key',
      'bureau',
      ['ref: ${idempotencyKey}', 'ref: ${operationId}'],
      'is keyed, but no key is sent',
    ],
    [
      'results matched by nothing',
      'bureau',
      ['matches: idempotencyKey', 'matches: idempotencykey'],
      'did you mean "idempotencyKey"?',
    ],
    [
      'a key of a field that is not there',
      'bureau',
      ['key: [serial]', 'key: [serials]'],
      'there is no field "serials" here',
    ],
    ['records that cannot be told apart', 'bureau', ['        key: [serial]\n', ''], 'has no key'],
    ['an alias', 'bureau', ['role: bureau', 'role: &r bureau'], 'anchors (&name) are refused'],
  ])('%s', (_, name, change, expected) => {
    expect(problemsOf(changed(name, change)).join('\n')).toContain(expected);
  });
});

it('all mistakes of a file are told at once, in its order', () => {
  const text = changed(
    'bureau',
    ['role: bureau', 'role: burau'],
    ['includesLeavers', 'includeLeavers'],
    ['codes: kind', 'codes: knid'],
    ['ttlHours: 72', 'ttlHours: long'],
  );
  const problems = problemsOf(text);
  expect(problems).toHaveLength(4);
  const lines = problems.map((problem) => Number(problem.split(':')[1]));
  expect(lines).toEqual([...lines].sort((a, b) => a - b));
});

it('a file that is too large or not there is told, too', () => {
  expect(problemsOf(`#${'x'.repeat(300_000)}`)[0]).toContain('larger than 256 KB');
  expect(() => loadManifest('nowhere.yaml')).toThrow(/nowhere\.yaml:1:1 {2}the file cannot be read/);
});
