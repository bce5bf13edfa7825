/** How a value is found: regions, insurances, overlays, ends, knowledge. */
import { shippedBook } from '../../test/policy/books.js';
import { dated, regionText, removeSmallPolicies, smallBook } from '../../test/policy/small-policy.js';
import type { Insurance } from '../domain/insurance.js';
import { day, month } from '../domain/month.js';
import { region } from '../domain/region.js';
import type { PolicyBook } from './book.js';

afterAll(removeSmallPolicies);

const unit = 'unit: yuan/month';
const KNOWN = day('2026-01-10');

function floorOf(book: PolicyBook, place: string, when: string, insurance: Insurance = 'pension'): string {
  const { floorFen } = book.cell(region(place), insurance, month(when), KNOWN);
  if (!floorFen.known) return floorFen.key;
  return `${floorFen.value ?? 'none'} ${floorFen.status} ${floorFen.region}`;
}

const province = regionText(
  '330000',
  `  pension:\n    base_floor:\n      - ${dated('10', '2024-01-01', unit)}\n      - ${dated('11', '2025-01-01', unit)}\n`,
);
const city = (values: string): string => regionText('330100', `  pension:\n    base_floor:\n${values}`);

it('inherits from the province what the city does not say', () => {
  const book = smallBook({ 'regions/330000.yaml': province });
  expect(floorOf(book, '330100', '2025-05')).toBe('1100 reported 330000');
});

it('gives a city its own value, and the province its own again when the stated end of the city is over', () => {
  const book = smallBook({
    'regions/330000.yaml': province,
    'regions/330100.yaml': city(`      - ${dated('20', '2024-01-01', `${unit}, effective_to: 2024-12-31`)}\n`),
  });
  expect(floorOf(book, '330100', '2024-12')).toBe('2000 reported 330100');
  expect(floorOf(book, '330100', '2025-01')).toBe('1100 reported 330000');
});

it('keeps an override without an end, carried over, and warns that it hides a newer value', () => {
  const book = smallBook({
    'regions/330000.yaml': province,
    'regions/330100.yaml': city(`      - ${dated('20', '2023-01-01', unit)}\n`),
  });
  expect(floorOf(book, '330100', '2025-05')).toBe('2000 provisional 330100');
  expect(book.warnings).toHaveLength(1);
});

it('answers none where there is no floor, and the key where nobody knows one', () => {
  const book = smallBook({ 'regions/330100.yaml': city(`      - ${dated('none', '2025-01-01', unit)}\n`) });
  expect(floorOf(book, '330100', '2025-05')).toBe('none reported 330100');
  expect(floorOf(book, '330100', '2024-12')).toBe('330100.pension.base_floor');
  expect(floorOf(book, '330100', '2025-05', 'medical')).toBe('330100.medical.base_floor');
});

it('forbids inheriting where a region is known to differ by an unknown amount', () => {
  const book = smallBook({
    'regions/330000.yaml': province,
    'regions/330100.yaml': city(`      - ${dated('unknown', '2025-01-01')}\n`),
  });
  expect(floorOf(book, '330100', '2025-05')).toBe('330100.pension.base_floor');
});

it('takes what is said of social insurance where the insurance has nothing of its own, but never for the housing fund', () => {
  const text = regionText(
    '110000',
    `  social:\n    base_floor:\n      - ${dated('7', '2025-01-01', unit)}\n  medical:\n    base_floor:\n      - ${dated('8', '2025-01-01', unit)}\n`,
  );
  const book = smallBook({ 'regions/110000.yaml': text });
  expect(floorOf(book, '110000', '2025-05', 'maternity')).toBe('700 reported 110000');
  expect(floorOf(book, '110000', '2025-05', 'medical')).toBe('800 reported 110000');
  expect(floorOf(book, '110000', '2025-05', 'housing-fund')).toBe('110000.housing-fund.base_floor');
});

it("lets a tenant's word go before the pack at its own region, while it lasts, whenever it was confirmed", () => {
  const overlay = [
    'overlay: 1\ntenant: a\nconfirmedBy: HR of A\nconfirmedOn: 2026-11-23\nreason: test\nregions:\n',
    `  '330000':\n    pension:\n      base_floor:\n        - { value: '15', ${unit}, effective_from: 2025-01-01, effective_to: 2025-06-30, note: asked the bureau }\n`,
  ].join('');
  const book = smallBook({ 'regions/330000.yaml': province, 'overlay.yaml': overlay });
  expect(floorOf(book, '330100', '2025-06')).toBe('1500 overlay 330000');
  expect(floorOf(book, '330100', '2025-07')).toBe('1100 reported 330000');
  const cell = book.cell(region('330100'), 'pension', month('2025-06'), KNOWN);
  expect(cell.floorFen).toMatchObject({ source: 'HR of A' });
});

it('does not know today what was published tomorrow', () => {
  const text = city(
    `      - ${dated('10', '2024-01-01', unit)}\n      - ${dated('11', '2025-01-01', `${unit}, published_on: 2025-09-17`)}\n`,
  );
  const book = smallBook({ 'regions/330100.yaml': text });
  const floorOn = (knownAt: string): unknown =>
    book.cell(region('330100'), 'pension', month('2025-03'), day(knownAt)).floorFen;
  expect(floorOn('2025-09-16')).toMatchObject({ value: 1000, status: 'provisional', provisionalSince: '2025-01-01' });
  expect(floorOn('2025-09-17')).toMatchObject({ value: 1100, status: 'reported', provisionalSince: null });
});

it('answers the same object for the same cell', () => {
  const book = shippedBook();
  const ask = (): unknown => book.cell(region('440300'), 'pension', month('2023-01'), day('2023-03-20'));
  expect(ask()).toBe(ask());
});

it('alarms the day after a stated end that nothing replaces', () => {
  const text = regionText(
    '310000',
    `  medical:\n    employer_rate:\n      - ${dated('0.09', '2024-01-01', 'unit: ratio, effective_to: 2025-02-28')}\n`,
  );
  const book = smallBook({ 'regions/310000.yaml': text });
  expect(book.expiredOn(day('2025-02-28'))).toEqual([]);
  expect(book.expiredOn(day('2025-03-01')).map(({ parameter }) => parameter)).toEqual(['employer_rate']);
});

it("carries Shanghai's reduced medical rate over after its end and reports it", () => {
  const expired = shippedBook().expiredOn(day('2027-03-01'));
  expect(expired).toEqual(
    expect.arrayContaining([
      expect.objectContaining({ region: '310000', scope: 'medical', parameter: 'employer_rate' }),
    ]),
  );
});

it('records a conflict with the value not chosen and the reason', () => {
  const { floorFen } = shippedBook().cell(region('440300'), 'pension', month('2023-07'), day('2026-11-23'));
  expect(floorFen).toMatchObject({
    value: 352_300,
    record: {
      conflicts: [{ value: '2360', source: 'S1' }],
      conflictReason: expect.stringContaining('深人社规〔2023〕9号'),
    },
  });
});
