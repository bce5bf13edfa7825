/** What a person is told about a YAML file that cannot be used. */
import { z } from 'zod';
import { checkSchema, nearestWord } from './check-schema.js';
import { ConfigError } from './config-error.js';
import { MAX_YAML_BYTES, formatIssues, formatPath, parseYamlDocument } from './yaml-document.js';

function problemsOf(work: () => unknown): readonly string[] {
  try {
    work();
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const TEXT = [
  'tenants:',
  '  - id: company-a',
  '    brakes: { percent: 2 }',
  '    names: [a, b]',
  'last: true',
  '',
].join('\n');

describe('a YAML document', () => {
  it('knows where every value, key and missing path stands', () => {
    const document = parseYamlDocument(TEXT, 'hub.yaml');
    expect(document.value).toEqual({
      tenants: [{ id: 'company-a', brakes: { percent: 2 }, names: ['a', 'b'] }],
      last: true,
    });
    expect(document.locate(['tenants', 0, 'id'])).toEqual({ line: 2, column: 9 });
    expect(document.locate(['tenants', 0, 'id'], 'key')).toEqual({ line: 2, column: 5 });
    expect(document.locate(['tenants'])).toEqual({ line: 1, column: 1 });
    expect(document.locate(['tenants', 0, 'brakes', 'percent'])).toEqual({ line: 3, column: 24 });
    expect(document.locate(['tenants', 0, 'names', 1])).toEqual({ line: 4, column: 16 });
    expect(document.locate(['tenants', 0, 'brakes', 'absent'])).toEqual({ line: 3, column: 13 });
    expect(document.locate(['nowhere', 'at', 'all'])).toEqual({ line: 1, column: 1 });
  });

  it('tells issues in the order of the file', () => {
    const document = parseYamlDocument(TEXT, 'hub.yaml');
    expect(
      formatIssues(document, [
        { path: ['last'], message: 'late' },
        { path: ['tenants', 0, 'id'], message: 'early' },
      ]),
    ).toEqual(['hub.yaml:2:9  tenants[0].id  early', 'hub.yaml:5:7  last  late']);
    expect(formatPath(['codes', '110', 'a b'])).toBe('codes.110["a b"]');
  });

  it.each([
    ['duplicate keys', 'a: 1\nb: 2\na: 3\n', 'f:3:1  this key stands twice in the same map; remove one of the two'],
    ['anchors', 'a: &x 1\n', 'f:1:7  anchors (&name) are refused; remove it and write the value where it is needed'],
    ['aliases of nothing', 'a: *x\n', 'f:1:4  aliases (*name) are refused; write the value again in full'],
    ['tags', 'a: !!binary aGk=\n', 'tags (!name) are refused'],
    ['several documents', 'a: 1\n---\nb: 2\n', 'several documents'],
    ['an open quote', 'a: "secret-value\nb: 2\n', 'closing quote'],
    ['tabs', 'a:\n\tb: 2\n', 'tab'],
    ['maps as keys', '? { a: 1 }\n: 2\n', 'a key must be a plain word'],
  ])('refuses %s with its line', (_name, text, expected) => {
    const problems = problemsOf(() => parseYamlDocument(text, 'f'));
    expect(problems.join('\n')).toContain(expected);
    expect(problems.join('\n')).not.toContain('secret-value');
  });

  it('refuses an alias even where its anchor exists, without expanding it', () => {
    const laughs = ['a: &a [x,x]', ...Array.from({ length: 40 }, (_, n) => `k${n}: [*a,*a]`)].join('\n');
    expect(problemsOf(() => parseYamlDocument(laughs, 'f')).length).toBe(81);
  });

  it('refuses a file above 256 KB and nesting beyond any use before parsing them', () => {
    expect(problemsOf(() => parseYamlDocument('a'.repeat(MAX_YAML_BYTES + 1), 'f')).join()).toContain(
      'larger than 256 KB',
    );
    expect(problemsOf(() => parseYamlDocument('['.repeat(100_000), 'f')).join()).toContain('nested');
    expect(problemsOf(() => parseYamlDocument('- '.repeat(100_000), 'f')).join()).toContain('nested');
  });

  it('keeps long digit strings that are quoted and never turns a key into a prototype', () => {
    const document = parseYamlDocument('id: "440300199001010013"\n__proto__: { admin: true }\n', 'f');
    expect((document.value as { id: string }).id).toBe('440300199001010013');
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe('checking against a schema', () => {
  const schema = z.strictObject({
    id: z.string(),
    level: z.enum(['info', 'debug']).default('info'),
    limits: z.strictObject({ concurrency: z.int().min(1), timeoutMs: z.int() }).optional(),
    paging: z
      .union([
        z.strictObject({ type: z.literal('none') }),
        z.strictObject({ type: z.literal('cursor'), next: z.string() }),
      ])
      .optional(),
    auth: z
      .discriminatedUnion('type', [
        z.strictObject({ type: z.literal('basic') }),
        z.strictObject({ type: z.literal('token') }),
      ])
      .optional(),
    field: z.union([z.string(), z.strictObject({ path: z.string(), as: z.string() })]).optional(),
  });
  const check = (text: string): readonly string[] =>
    problemsOf(() => checkSchema(parseYamlDocument(text, 'f'), schema));

  it('tells all problems at once, each with its line', () => {
    expect(check('level: inf\nlimits:\n  concurency: 4\n  timeoutMs: soon\n')).toEqual([
      'f:1:1  id  is missing; expected text',
      'f:1:8  level  is not one of the allowed values; did you mean "info"?',
      'f:2:1  limits.concurrency  is missing; expected a number',
      'f:3:3  limits.concurency  unknown key; did you mean "concurrency"?',
      'f:4:14  limits.timeoutMs  expected a number, found text',
    ]);
  });

  it('tells the branch of a union that was meant', () => {
    expect(check('id: a\npaging: { type: cursor, nxt: x }\n')).toEqual([
      'f:2:9  paging.next  is missing; expected text',
      'f:2:25  paging.nxt  unknown key; did you mean "next"?',
    ]);
    expect(check('id: a\nfield: { path: a, as: 1 }\n')).toEqual([
      'f:2:23  field.as  expected text, found a number; put it in quotes',
    ]);
    expect(check('id: a\nfield: 7\n')).toEqual([
      'f:2:8  field  a number does not fit; expected text or a map (key: value)',
    ]);
    expect(check('id: a\nauth: { type: tokn }\n')).toEqual([
      'f:2:15  auth.type  is not one of the allowed values; did you mean "token"?',
    ]);
  });

  it('reads an empty file as nothing', () => {
    expect(check('')).toEqual(['f:1:1  expected a map (key: value), found nothing (null)']);
  });

  it('suggests near words only', () => {
    expect(nearestWord('conections', ['connections', 'config'])).toBe('connections');
    expect(nearestWord('zzz', ['connections', 'config'])).toBeNull();
  });
});
