/** Facts about request and write templates. */
import { HubError } from '../../domain/hub-error.js';
import type { Json } from '../port.js';
import { ExactNumber } from './exact-json.js';
import { compileOrThrow, compileTemplate, compileText, type TemplateScope, type TemplateValues } from './template.js';

const SCOPE: TemplateScope = {
  variables: ['owner', 'owners', 'bases', 'baseFen', 'window', 'status', 'cursor', 'secret.appKey', 'x'],
  codes: { status: { 正常: 'insured', 断缴: 'gap', 缴清: 'insured' } },
};

function render(source: Json, values: TemplateValues): Json | undefined {
  return compileOrThrow(source, SCOPE, 'test')(values);
}

function issuesOf(source: Json): readonly { path: readonly (string | number)[]; message: string }[] {
  const built = compileTemplate(source, SCOPE);
  return built.ok ? [] : built.issues;
}

describe('a text that is exactly one variable', () => {
  it('keeps the type of its value', () => {
    expect(render('${owners}', { owners: ['a', 'b'] })).toEqual(['a', 'b']);
    expect(render('${baseFen}', { baseFen: 5 })).toBe(5);
    expect(render('${cursor}', { cursor: null })).toBeNull();
  });

  it('leaves its key out when undefined, and keeps null', () => {
    expect(render({ limit: 10, cursor: '${cursor}', x: '${x}' }, { x: null })).toEqual({ limit: 10, x: null });
  });

  it('leaves undefined places of a list out', () => {
    expect(render(['${x}', '${owner}'], { owner: 'e1' })).toEqual(['e1']);
  });
});

describe('text around variables', () => {
  it('is joined, empty values as nothing', () => {
    expect(render('a-${owner}-${x}-${cursor}-z', { owner: 'e1', x: null })).toBe('a-e1---z');
  });

  it('keeps a doubled dollar as a literal', () => {
    expect(render('$${owner} is ${owner}', { owner: 'e1' })).toBe('${owner} is e1');
    expect(render('costs 5$ ', {})).toBe('costs 5$ ');
  });

  it('writes every digit of an integer beyond 2^53', () => {
    expect(render('id=${x}', { x: new ExactNumber('440301199001011234') })).toBe('id=440301199001011234');
  });

  it('reads nested values by their own keys only', () => {
    expect(render('${bases.pension}', { bases: { pension: 1 } })).toBe(1);
    expect(render('${bases.constructor}', { bases: {} })).toBeUndefined();
  });
});

describe('filters', () => {
  it.each<[string, TemplateValues, Json]>([
    ['${owners|join:,}', { owners: ['a', 'b'] }, 'a,b'],
    ["${owners|join:'|'}", { owners: ['a', 'b'] }, 'a|b'],
    ['${owners|join}', { owners: [] }, ''],
    ['${window.from|month:yyyyMM}', { window: { from: '2023-01' } }, '202301'],
    ['${window.from|month:yyyy}', { window: { from: '2023-01' } }, '2023'],
    ['${window.from|month:yyyy年M月}', { window: { from: '2023-01' } }, '2023年1月'],
    ['${window.first|date:yyyy-MM-dd}', { window: { first: '2023-01-05' } }, '2023-01-05'],
    ['${window.first|date:yyyy/M/d}', { window: { first: '2023-01-05' } }, '2023/1/5'],
    ['${baseFen|yuan}', { baseFen: 1800000 }, '18000.00'],
    ['${baseFen|yuan-number}', { baseFen: 1234567 }, 12345.67],
    ['${baseFen|yuan-number}', { baseFen: null }, null],
    ['${baseFen|fen}', { baseFen: 5 }, 5],
    ['${status|code:status}', { status: 'gap' }, '断缴'],
    ['${status|code:status}', { status: 'insured' }, '正常'],
    ['${x|code:status|join:,}', { x: ['insured', 'gap'] }, '正常,断缴'],
    ['${secret.appKey|md5}', { secret: { appKey: 'abc' } }, '900150983cd24fb0d6963f7d28e17f72'],
    [
      '${secret.appKey|sha256|upper}',
      { secret: { appKey: 'abc' } },
      'BA7816BF8F01CFEA414140DE5DAE2223B00361A396177A9CB410FF61F20015AD',
    ],
    ['${x|base64}', { x: '张' }, '5byg'],
    ['${x|lower}', { x: 'AbC' }, 'abc'],
    ['${x|epoch-seconds}', { x: '2023-03-20' }, 1679241600],
    ['${x|epoch-ms:Z}', { x: '2023-03-20' }, 1679270400000],
    ['${x|epoch-ms}', { x: '2023-03-20T00:00:00.250Z' }, 1679270400250],
    ['${x|default:none}', {}, 'none'],
    ['${x|default:none}', { x: 0 }, 0],
  ])('%s', (source, values, expected) => {
    expect(render(source, values)).toEqual(expected);
  });

  it('gives fen as the exact JSON number of yuan', () => {
    for (const fen of [1, 10, 29, 57, 113, 1999, 104_995, 2_640_000, 99_999_999_999]) {
      expect(JSON.stringify(render('${baseFen|yuan-number}', { baseFen: fen }))).toBe(
        String(Number(`${Math.floor(fen / 100)}.${String(fen % 100).padStart(2, '0')}`)),
      );
    }
  });

  it.each<[string, TemplateValues]>([
    ['${status|code:status}', { status: 'unheard-of' }],
    ['${baseFen|yuan}', { baseFen: 1.5 }],
    ['${window.from|month:yyyyMM}', { window: { from: '202301' } }],
    ['${owners|join:,}', { owners: 'a' }],
  ])('refuse a value they cannot turn, without repeating it: %s', (source, values) => {
    expect(() => render(source, values)).toThrow(HubError);
    expect(() => render(source, values)).not.toThrow(/unheard-of|202301/);
  });
});

describe('mistakes in a template', () => {
  it.each<[Json, string]>([
    ['${nobody}', 'unknown variable "nobody"'],
    ['${secret.other}', 'unknown variable "secret.other"'],
    ['${secret}', 'unknown variable "secret"'],
    ['${owner|shout}', 'unknown filter "shout"'],
    ['${owner|code:colours}', 'no code table "colours"'],
    ['${owner', 'never closed'],
    ['${ow ner}', 'not a variable name'],
    ['${x|month:hello}', 'not a format'],
    ['${x|month:yyyyMMdd}', 'a month has no day'],
    ['${x|md5:yes}', 'takes no argument'],
    ['${x|epoch-ms:Shanghai}', 'not an offset'],
  ])('%j is found when it is loaded', (source, message) => {
    expect(issuesOf(source)).toEqual([{ path: [], message: expect.stringContaining(message) as string }]);
  });

  it('are all reported, each with its path', () => {
    const issues = issuesOf({ list: [{ a: '${nobody}' }, { b: '${owner}' }], c: '${x|shout}' });
    expect(issues.map((issue) => issue.path)).toEqual([['list', 0, 'a'], ['c']]);
  });

  it('are thrown with the place they were found in', () => {
    expect(() => compileText('${nobody}', SCOPE, 'auth.value')).toThrow(/auth\.value/);
  });
});
