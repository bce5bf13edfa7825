/** Facts about numbers in replies. */
import { parseIdentityNumber } from '../../domain/identity-number.js';
import { ExactNumber, isExactNumber, parseExactJson } from './exact-json.js';

it('keeps every digit of a long integer and marks it', () => {
  const parsed = parseExactJson(
    '{"id": 440301199001011234, "n": [9007199254740993, -9007199254740993], "small": 1700000000000}',
  ) as Record<string, unknown>;
  expect(isExactNumber(parsed['id'])).toBe(true);
  expect(String(parsed['id'])).toBe('440301199001011234');
  expect((parsed['n'] as unknown[]).map(String)).toEqual(['9007199254740993', '-9007199254740993']);
  expect(parsed['small']).toBe(1700000000000);
});

it('refuses an identity number sent as a JSON number instead of rounding it', () => {
  const { id } = parseExactJson('{"id":110101199003077475}') as { id: unknown };
  expect(parseIdentityNumber(id)).toEqual({ ok: false, reason: 'not-a-string' });
});

it('leaves strings alone, however many digits they have', () => {
  expect(parseExactJson('{"id":"440301199001011234","text":": 440301199001011234"}')).toEqual({
    id: '440301199001011234',
    text: ': 440301199001011234',
  });
});

it('reads the same as the native parser beside long integers', () => {
  const text =
    '{"a":1.5e3,"b":[true,null,"\\u5f20\\n"],"__proto__":{"x":1},"d":0.30000000000000004,"a":2,"long":12345678901234567}';
  const exact = parseExactJson(text) as Record<string, unknown>;
  expect(JSON.stringify({ ...exact, long: 0 })).toBe(JSON.stringify({ ...(JSON.parse(text) as object), long: 0 }));
  expect((exact as { x?: unknown }).x).toBeUndefined();
});

it('writes a long integer as a string, so that nobody rounds it later', () => {
  expect(JSON.stringify({ id: new ExactNumber('440301199001011234') })).toBe('{"id":"440301199001011234"}');
});

it.each(['{"a":', '', 'nope', '{"a":12345678901234567', '[1,]'])('throws for %j', (text) => {
  expect(() => parseExactJson(text)).toThrow();
});
