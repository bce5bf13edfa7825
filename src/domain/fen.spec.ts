/** That money is counted exactly, to the fen, whatever the amount, the rate and the rounding. */
import fc from 'fast-check';
import {
  type RoundingMode,
  addFen,
  applyRate,
  divideRounded,
  fen,
  fenFromFloat,
  formatYuan,
  parseRatio,
  parseYuan,
  ppm,
  roundFen,
  subtractFen,
} from './fen.js';

const MODES: readonly RoundingMode[] = ['half-up', 'up', 'down', 'half-even'];
const amount = fc.maxSafeInteger().map((value) => fen(value));
const mode = fc.constantFrom(...MODES);

/** What rounding means, said once more and differently: the whole number nearest to the fraction, ties and directions by mode. */
function isRoundingOf(rounded: bigint, numerator: bigint, denominator: bigint, by: RoundingMode): boolean {
  const sign = numerator < 0n ? -1n : 1n;
  const [size, result] = [numerator * sign, rounded * sign];
  const above = result * denominator - size;
  if (above <= -denominator || above >= denominator) return false;
  switch (by) {
    case 'up':
      return above >= 0n;
    case 'down':
      return above <= 0n && result >= 0n;
    case 'half-up':
      return above * 2n <= denominator && above * 2n > -denominator;
    case 'half-even':
      return above * 2n === denominator || above * 2n === -denominator
        ? result % 2n === 0n
        : above * 2n < denominator && above * 2n > -denominator;
  }
}

describe('yuan as text', () => {
  it('comes back as it was written, to the fen', () => {
    fc.assert(fc.property(amount, (value) => parseYuan(formatYuan(value)) === value));
  });

  it('comes back from a form with thousands separators', () => {
    fc.assert(
      fc.property(amount, (value) => {
        const [whole = '', decimals = ''] = formatYuan(value).split('.');
        return parseYuan(`${whole.replace(/\B(?=(\d{3})+$)/g, ',')}.${decimals}`) === value;
      }),
    );
  });

  it.each([
    ['0', 0],
    ['-0.00', 0],
    ['1', 100],
    ['1.5', 150],
    ['1.50000', 150],
    ['+1.05', 105],
    ['1,234.50', 123450],
    ['1,234,567', 123456700],
    [' 18000.00 ', 1800000],
    ['-36.01', -3601],
    ['90071992547409.91', Number.MAX_SAFE_INTEGER],
  ])('reads %p as %p fen', (text, expected) => {
    expect(parseYuan(text)).toBe(expected);
  });

  it.each([
    '',
    '1,2345.6',
    '12,34',
    ',123',
    '1.234',
    '1.',
    '.5',
    '1e3',
    '１２',
    '¥1',
    '1 000',
    '--1',
    'NaN',
    '0x10',
    '90071992547409.92',
    '1,234,56.00',
  ])('refuses %p', (text) => {
    expect(parseYuan(text)).toBeNull();
  });

  it('never turns zero into negative zero', () => {
    expect(Object.is(parseYuan('-0'), 0)).toBe(true);
  });
});

describe('yuan as a float', () => {
  it('is taken where its shortest form has at most two decimals', () => {
    fc.assert(fc.property(fc.integer({ min: -1e11, max: 1e11 }), (whole) => fenFromFloat(whole / 100) === whole));
  });

  it.each([0.1 + 0.2, 1.005, 1e21, Number.NaN, Number.POSITIVE_INFINITY])(
    'is refused where it stands for no exact fen: %p',
    (yuan) => {
      expect(fenFromFloat(yuan)).toBeNull();
    },
  );
});

describe('rates', () => {
  it('are read exactly from their decimal ratio', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 99_999_999 }), (value) => {
        const digits = String(value).padStart(7, '0');
        return parseRatio(`${digits.slice(0, -6)}.${digits.slice(-6)}`) === value;
      }),
    );
    expect([parseRatio('0.0016'), parseRatio('0.16'), parseRatio('1'), parseRatio('0.1600000')]).toEqual([
      1600, 160_000, 1_000_000, 160_000,
    ]);
    expect([parseRatio('0.0000001'), parseRatio('16%'), parseRatio('-0.1'), parseRatio('.5'), parseRatio('')]).toEqual([
      null,
      null,
      null,
      null,
      null,
    ]);
  });

  it('give, with any amount and rounding, what exact arithmetic gives', () => {
    const steps = fc.constantFrom(1, 10, 100);
    fc.assert(
      fc.property(
        fc.integer({ min: -1e12, max: 1e12 }),
        fc.integer({ min: 0, max: 2_000_000 }),
        steps,
        mode,
        (base, rate, stepFen, by) => {
          const result = applyRate(fen(base), ppm(rate), { stepFen, mode: by });
          const steps = BigInt(result) / BigInt(stepFen);
          return (
            steps * BigInt(stepFen) === BigInt(result) &&
            isRoundingOf(steps, BigInt(base) * BigInt(rate), 1_000_000n * BigInt(stepFen), by)
          );
        },
      ),
      { numRuns: 2000 },
    );
  });

  it('round the half case away from zero on both roads, the fast one and the exact one', () => {
    const half = { stepFen: 1, mode: 'half-up' } as const;
    expect([applyRate(fen(1), ppm(500_000), half), applyRate(fen(-1), ppm(500_000), half)]).toEqual([1, -1]);
    expect(applyRate(fen(9_007_199_254_740_990), ppm(500_000), half)).toBe(4_503_599_627_370_495);
  });

  it('give the figures of the story: 8 % and 2 % of 18,000.00', () => {
    const half = { stepFen: 1, mode: 'half-up' } as const;
    expect([applyRate(fen(1_800_000), ppm(80_000), half), applyRate(fen(1_800_000), ppm(20_000), half)]).toEqual([
      144_000, 36_000,
    ]);
  });
});

describe('rounding', () => {
  it('gives the whole number that its mode says, for fractions of any size and sign', () => {
    const big = fc.bigInt({ min: -(10n ** 30n), max: 10n ** 30n });
    fc.assert(
      fc.property(big, fc.bigInt({ min: 1n, max: 10n ** 12n }), mode, (numerator, denominator, by) =>
        isRoundingOf(divideRounded(numerator, denominator, by), numerator, denominator, by),
      ),
      { numRuns: 2000 },
    );
  });

  it.each([
    ['half-up', [3n, -3n, 2n, 1n, -1n]],
    ['half-even', [2n, -2n, 2n, 0n, 0n]],
    ['up', [3n, -3n, 2n, 1n, -1n]],
    ['down', [2n, -2n, 1n, 0n, 0n]],
  ] as const)('of 5/2, −5/2, 3/2, 1/2 and −1/2 by %s', (by, expected) => {
    expect([
      divideRounded(5n, 2n, by),
      divideRounded(-5n, 2n, by),
      divideRounded(3n, 2n, by),
      divideRounded(1n, 2n, by),
      divideRounded(-1n, 2n, by),
    ]).toEqual(expected);
  });

  it('to fen, jiao and yuan moves an amount by less than one step', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e12, max: 1e12 }), fc.constantFrom(1, 10, 100), mode, (value, stepFen, by) => {
        const rounded = roundFen(fen(value), stepFen, by);
        return Math.abs(rounded - value) < stepFen && Math.abs(rounded % stepFen) === 0;
      }),
    );
  });
});

describe('fen', () => {
  it('are whole and safe, or refused', () => {
    for (const value of [0.5, 2 ** 53, Number.NaN])
      expect(() => fen(value)).toThrow(expect.objectContaining({ code: 'not-fen' }));
    for (const value of [-1, 0.5]) expect(() => ppm(value)).toThrow(expect.objectContaining({ code: 'not-ppm' }));
    expect(() => addFen(fen(Number.MAX_SAFE_INTEGER), fen(1))).toThrow(expect.objectContaining({ code: 'not-fen' }));
    expect(() => subtractFen(fen(-Number.MAX_SAFE_INTEGER), fen(1))).toThrow(
      expect.objectContaining({ code: 'not-fen' }),
    );
  });

  it('add up in any order', () => {
    const small = fc.array(fc.integer({ min: -1e9, max: 1e9 }).map(fen));
    fc.assert(fc.property(small, (list) => addFen(...list) === addFen(...[...list].reverse())));
  });

  it('are zero without a sign', () => {
    const half = { stepFen: 1, mode: 'half-up' } as const;
    expect(Object.is(applyRate(fen(-1), ppm(1), half), 0)).toBe(true);
    expect(Object.is(roundFen(fen(-1), 100, 'half-up'), 0)).toBe(true);
    expect(Object.is(fen(-0), 0)).toBe(true);
  });
});
