/** What the shipped figures cover: every prefecture's pension range, and the honest count of everything else. */
import { day, firstDay, month } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { COVERAGE_STATES, coverageOf, placeCoverage } from '../../src/policy/coverage.js';
import { shippedBook } from './books.js';

const book = shippedBook();
const knownAt = day('2026-11-23');
const DECEMBER = { month: month('2025-12'), knownAt };

it('resolves the pension range of December 2025 for all 337 prefecture-level places', () => {
  const places = book.regions.prefectures(firstDay(DECEMBER.month));
  expect(places).toHaveLength(337);
  const unresolved = places.filter(({ code }) => {
    const { floorFen, capFen } = book.cell(code, 'pension', DECEMBER.month, knownAt);
    if (!floorFen.known || !capFen.known || floorFen.value === null || capFen.value === null) return true;
    return floorFen.status === 'provisional' || capFen.status === 'provisional' || floorFen.value >= capFen.value;
  });
  expect(unresolved.map(({ code, zh }) => `${code} ${zh}`)).toEqual([]);
});

it('counts every place, insurance and figure once', () => {
  const { provinces, places, total } = coverageOf(book, DECEMBER);
  expect(provinces).toHaveLength(31);
  expect(provinces.reduce((sum, province) => sum + province.places, 0)).toBe(places);
  for (const [insurance, counts] of Object.entries(total)) {
    expect(COVERAGE_STATES.reduce((sum, state) => sum + counts[state], 0)).toBe(337 * 4);
    const parts = provinces.map((province) => province.counts[insurance as keyof typeof total]);
    for (const state of COVERAGE_STATES) expect(parts.reduce((sum, part) => sum + part[state], 0)).toBe(counts[state]);
  }
  expect(total.pension).toMatchObject({ unknown: 0, 'carried-over': 0 });
});

it('tells carried over from known: no new range of Jiangsu was announced for 2026', () => {
  const at = { month: month('2026-03'), knownAt };
  expect(placeCoverage(book, { region: region('320500'), insurance: 'pension' }, at)).toEqual({
    floor: 'carried-over',
    cap: 'carried-over',
    'employee-rate': 'confirmed',
    'employer-rate': 'confirmed',
  });
  expect(placeCoverage(book, { region: region('441200'), insurance: 'housing-fund' }, at)).toMatchObject({
    floor: 'unknown',
    'employer-rate': 'unknown',
  });
});

it('knows only what was published: the range of Anhui for 2026 came in August', () => {
  const place = { region: region('340300'), insurance: 'pension' } as const;
  const before = placeCoverage(book, place, { month: month('2026-03'), knownAt: day('2026-08-26') });
  const after = placeCoverage(book, place, { month: month('2026-03'), knownAt: day('2026-08-27') });
  expect([before.cap, after.cap]).toEqual(['carried-over', 'confirmed']);
});

it('trusts the first tier of Hubei for Wuhan and for no city whose tier nobody tells', () => {
  const statusOf = (code: string): string =>
    placeCoverage(book, { region: region(code), insurance: 'pension' }, DECEMBER).floor;
  expect(['420100', '420000-tier1', '420000-tier2', '420500'].map(statusOf)).toEqual([
    'confirmed',
    'confirmed',
    'reported',
    'unverified',
  ]);
});

it('gives the Suzhou Industrial Park its own housing fund range and the rest of Suzhou another', () => {
  const capOf = (code: string): unknown => book.cell(region(code), 'housing-fund', month('2026-08'), knownAt).capFen;
  expect(capOf('320500-sip')).toMatchObject({ value: 3_890_000, region: '320500-sip' });
  expect(capOf('320500')).toMatchObject({ value: 4_060_000, region: '320500' });
});

it('never takes the national zero where a city charges a fixed amount by an unknown rhythm', () => {
  const fixedOf = (code: string): unknown =>
    book.cell(region(code), 'medical', month('2026-03'), knownAt).employeeFixedFen;
  expect(fixedOf('420100')).toMatchObject({ value: 700, status: 'unverified' });
  expect(fixedOf('520100')).toEqual({ known: false, key: '520100.medical.employee_fixed' });
});

it('gives every contradiction the reason of the choice', () => {
  const contradicted = book.records.filter(({ conflicts }) => conflicts.length > 0);
  expect(contradicted.length).toBeGreaterThanOrEqual(29);
  expect(contradicted.filter(({ conflictReason }) => conflictReason === null || conflictReason.length < 40)).toEqual(
    [],
  );
});
