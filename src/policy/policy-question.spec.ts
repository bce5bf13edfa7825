/** Questions that make no sense are refused, naming what was wrong and what was expected. */
import { shippedBook } from '../../test/policy/books.js';
import { month } from '../domain/month.js';
import { region } from '../domain/region.js';
import { knownRegion, monthWithFigures, wageOf } from './policy-question.js';

const book = shippedBook();

it('knows a city, a district of it and the nation', () => {
  expect(['440300', '440305', '100000'].map((code) => knownRegion(code, book))).toEqual(['440300', '440305', '100000']);
});

it.each(['990000', '44030', 'Shenzhen', ''])('refuses the region "%s"', (code) => {
  expect(() => knownRegion(code, book)).toThrow(
    expect.objectContaining({ code: 'unknown-region', message: expect.stringContaining(`"${code}"`) }),
  );
});

it('refuses a month before any figure of the place, and names the first and the keys to set', () => {
  const place = { region: region('440300'), insurance: 'pension', book } as const;
  expect(monthWithFigures(month('2023-03'), place)).toBe('2023-03');
  expect(() => monthWithFigures(month('1995-03'), place)).toThrow(
    /440300\.pension in 1995-03: the first is of \d{4}-\d{2}\. .*440300\.pension\.base_floor/,
  );
});

it('reads a wage as people type it', () => {
  expect(['18000', '18,000.50', '0'].map(wageOf)).toEqual([1_800_000, 1_800_050, 0]);
});

it.each([
  ['-5', 'below zero'],
  ['abc', 'not an amount'],
  ['1e4', 'not an amount'],
  ['18000.005', 'not an amount'],
  ['', 'not an amount'],
])('refuses "%s" as a wage without repeating it', (text, why) => {
  expect(() => wageOf(text)).toThrow(
    expect.objectContaining({ code: 'not-a-wage', message: expect.stringContaining(why) }),
  );
  if (text.length > 1) expect(() => wageOf(text)).not.toThrow(text);
});
