/** What a channel's rules bind: one insurance or all, one person or a hundred, here and not at the household's place. */
import { dated, regionText, removeSmallPolicies, smallBook } from '../../test/policy/small-policy.js';
import { fen } from '../domain/fen.js';
import type { Insurance } from '../domain/insurance.js';
import { day, month } from '../domain/month.js';
import { region } from '../domain/region.js';
import { type BackPaymentAdvice, type BackPaymentQuestion, adviseBackPayment } from './back-payment.js';

afterAll(removeSmallPolicies);

const months = (value: string): string => dated(value, 'undated', 'unit: months');
const rule = (name: string, value: string): string => `    back_payment.${name}:\n      - ${value}\n`;

function bookWith(...scopes: readonly string[]) {
  return smallBook({
    'regions/990000.yaml': regionText('990000', scopes.join('')),
    'regions/980000.yaml': regionText('980000', '  social: {}\n'),
  });
}

type Asked = Partial<BackPaymentQuestion> & Pick<BackPaymentQuestion, 'book'>;

function advise(
  asked: Asked,
  gaps: Readonly<Partial<Record<Insurance, string>>> = { pension: '2025-01' },
): BackPaymentAdvice {
  return adviseBackPayment({
    region: region('990000'),
    gaps: Object.entries(gaps).map(([insurance, when]) => ({ insurance: insurance as Insurance, month: month(when) })),
    hiredOn: day('2025-03-03'),
    asOf: day('2025-04-28'),
    wageFen: fen(1_000_000),
    ...asked,
  });
}

const online = ({ channels }: BackPaymentAdvice) => channels.find(({ channel }) => channel === 'online');
const sentence = ({ text }: BackPaymentAdvice, start: string): string =>
  text.en.find((each) => each.startsWith(start)) ?? '';

it('a limit of one insurance binds that insurance, the others keep theirs', () => {
  const book = bookWith(
    `  social:\n${rule('online.max_months', months('6'))}`,
    `  medical:\n${rule('online.max_months', months('3'))}`,
  );
  const both = advise({ book }, { pension: '2024-11', medical: '2025-02' });
  expect(online(both)).toMatchObject({ verdict: 'eligible', lastDay: '2025-05-31' });
  expect(sentence(both, 'Online')).toContain('pension: 5 months back, not over 6');
  expect(sentence(both, 'Online')).toContain('medical: 2 months back, not over 3');
  const late = advise({ book }, { pension: '2024-11', medical: '2024-11' });
  expect(online(late)?.verdict).toBe('refused');
  expect(sentence(late, 'Online')).toContain('medical: 5 months back, over 3');
});

it('a limit known for pension only leaves the medical one unknown, with its key', () => {
  const book = bookWith(`  pension:\n${rule('online.max_months', months('6'))}`);
  const advice = advise({ book }, { pension: '2025-01', medical: '2025-01' });
  expect(online(advice)?.verdict).toBe('unknown');
  expect(sentence(advice, 'Online')).toContain(
    'rule unknown, may be set as 990000.medical.back_payment.online.max_months',
  );
});

it('an application after the window of this month waits for the next, and is refused when the deadline falls between', () => {
  const windowed = (limit: string): string =>
    `  social:\n${rule('online.max_months', months(limit))}` +
    rule('online.window_from_day', dated('5', 'undated', 'unit: day of month')) +
    rule('online.window_until_day', dated('25', 'undated', 'unit: day of month'));
  expect(online(advise({ book: bookWith(windowed('6')) }))).toMatchObject({
    verdict: 'eligible',
    firstDay: '2025-05-05',
  });
  expect(online(advise({ book: bookWith(windowed('3')) }))).toMatchObject({
    verdict: 'refused',
    reasons: expect.arrayContaining([{ code: 'past-deadline', deadline: '2025-04-25' }]),
  });
});

it('a hundred persons make five batches of twenty', () => {
  const book = bookWith(
    `  social:\n${rule('online.max_months', months('6'))}${rule('online.max_batch', dated('20', 'undated', 'unit: persons'))}`,
  );
  expect(sentence(advise({ book, persons: 100 }), 'Online')).toContain('at most 20 persons a batch, so 5 batches');
  expect(sentence(advise({ book }), 'Online')).toContain('at most 20 persons a batch)');
});

it('refuses across years where a channel does, and inside the year not', () => {
  const book = bookWith(
    `  social:\n${rule('online.max_months', months('12'))}${rule('online.across_years', dated('no', 'undated'))}`,
  );
  expect(online(advise({ book }, { pension: '2024-12' }))?.verdict).toBe('refused');
  expect(online(advise({ book }, { pension: '2025-01' }))?.verdict).toBe('eligible');
});

it('goes by the place of work, not by the place of the household, and says so', () => {
  const book = bookWith(`  social:\n${rule('online.max_months', months('6'))}`);
  const elsewhere = advise({ book, hukouRegion: region('980000') });
  expect(online(elsewhere)?.verdict).toBe('eligible');
  expect(elsewhere.text.zh).toContain('按工作地（地区990000）的政策办理，与户籍地（地区980000）无关。');
  expect(advise({ book, hukouRegion: region('990000') }).text.zh.join('')).not.toContain('户籍地');
});

it('warns where a late fee passes the principal, and says when it was cut to it', () => {
  const fee = (capped: string): string =>
    [
      '  pension:\n',
      `    base_floor:\n      - ${dated('1000', 'undated', 'unit: yuan/month')}\n    base_cap:\n      - ${dated('20000', 'undated', 'unit: yuan/month')}\n`,
      `    base_rounding:\n      - ${dated('half-up 0.01', 'undated')}\n    late_fee_rounding:\n      - ${dated('half-up 0.01', 'undated')}\n`,
      ...['employee', 'employer'].flatMap((side) => [
        `    ${side}_rate:\n      - ${dated('0.08', 'undated', 'unit: ratio')}\n    ${side}_rounding:\n      - ${dated('half-up 0.01', 'undated')}\n`,
        `    ${side}_fixed:\n      - ${dated('0', 'undated', 'unit: yuan/month')}\n    ${side}_fixed_yearly:\n      - ${dated('0', 'undated', 'unit: yuan/year')}\n`,
      ]),
      `    late_fee_daily_rate:\n      - ${dated('0.0005', 'undated', 'unit: ratio/day')}\n    late_fee_start:\n      - ${dated('first-of-second-month', 'undated')}\n`,
      `    late_fee_payment_day:\n      - ${dated('not-counted', 'undated')}\n    late_fee_capped_at_principal:\n      - ${dated(capped, 'undated')}\n`,
    ].join('');
  const old = { pension: '2015-01' } as const;
  const free = advise({ book: bookWith(fee('no')) }, old);
  expect(free.totals.lateFeeFen).toBeGreaterThan(160_000);
  expect(free.text.en.join(' ')).toContain('the late fee passes the principal');
  const capped = advise({ book: bookWith(fee('yes')) }, old);
  expect(capped.totals.lateFeeFen).toBe(160_000);
  expect(capped.text.en.join(' ')).toContain('passed the principal and was cut to it');
});
