/** Whether a gap may be paid back, until when, and for how much. */
import { demoBook, shippedBook } from '../../test/policy/books.js';
import { fen, formatYuan } from '../domain/fen.js';
import { day, month } from '../domain/month.js';
import { region } from '../domain/region.js';
import { type BackPaymentAdvice, type BackPaymentQuestion, adviseBackPayment } from './back-payment.js';
import type { PolicyBook } from './book.js';

const demo = demoBook();
const shipped = shippedBook();

type Asked = Partial<Pick<BackPaymentQuestion, 'hukou'>> & {
  readonly book?: PolicyBook;
  readonly region?: string;
  readonly months?: readonly string[];
  readonly hiredOn?: string;
  readonly asOf?: string;
};

/** Li of Shenzhen, unless said otherwise. */
function advise(asked: Asked = {}): BackPaymentAdvice {
  const insurances = ['pension', 'medical', 'unemployment'] as const;
  return adviseBackPayment({
    book: asked.book ?? demo,
    region: region(asked.region ?? '440300'),
    gaps: (asked.months ?? ['2023-01']).flatMap((when) =>
      insurances.map((insurance) => ({ month: month(when), insurance })),
    ),
    hiredOn: day(asked.hiredOn ?? '2023-03-06'),
    asOf: day(asked.asOf ?? '2023-03-20'),
    wageFen: fen(1_800_000),
    hukou: asked.hukou === undefined ? 'other' : asked.hukou,
  });
}

function verdicts(advice: BackPaymentAdvice): Readonly<Record<string, string>> {
  return Object.fromEntries(
    advice.channels.map(({ channel, verdict, lastDay }) => [channel, `${verdict} ${lastDay ?? '-'}`]),
  );
}

describe('Li of Shenzhen, gap in January 2023, hired on 6 March at 18000', () => {
  const advice = advise();

  it('may pay it back, applying within 15 days of hiring', () => {
    expect(advice).toMatchObject({ verdict: 'eligible', lastDay: '2023-03-21', registerUntil: '2023-04-05' });
  });

  it('pays 1440.00 and 360.00, together 1800.00, and unemployment beside', () => {
    const employee = advice.cells.map(
      ({ insurance, employee: part }) => `${insurance} ${part.known ? formatYuan(part.fen) : 'unknown'}`,
    );
    expect(employee).toEqual(['pension 1440.00', 'medical 360.00', 'unemployment 7.08']);
    expect(formatYuan(advice.totals.employeeFen)).toBe('1807.08');
    expect(advice.text.zh).toContain(
      '个人部分：养老 18,000.00 × 8% = 1,440.00，医疗 18,000.00 × 2% = 360.00，失业 2,360.00 × 0.3% = 7.08（未核实）；养老、医疗合计 1,800.00 元，共 1,807.08 元。',
    );
    expect(advice.text.en.join(' ')).toContain('pension, medical together 1,800.00 yuan, 1,807.08 yuan in all.');
  });

  it("shows the employer's part and the late fee beside", () => {
    expect(formatYuan(advice.totals.employerFen)).toBe('3472.52');
    expect(formatYuan(advice.totals.lateFeeFen)).toBe('58.08');
  });

  it('says which figures nobody verified', () => {
    expect(advice.doubtful.map(({ insurance, parameter, value }) => `${insurance} ${parameter} ${value}`)).toEqual(
      expect.arrayContaining([
        'pension employer_rate 0.14',
        'medical base_cap 38892',
        'unemployment employee_rate 0.003',
      ]),
    );
    expect(advice.text.zh.join('')).toContain('未核实或暂沿用，办理前请与社保机构核对');
  });

  it('names the household registration when nobody told it', () => {
    const untold = advise({ hukou: null });
    expect(untold.missing).toContain('employment.hukou');
    expect(untold.text.zh.join('')).toContain('单位部分：养老 未知');
    expect(formatYuan(untold.totals.employeeFen)).toBe('1807.08');
  });
});

it('is refused with the reason after the last day', () => {
  const advice = advise({ asOf: '2023-03-22' });
  expect(advice.verdict).toBe('refused');
  expect(
    advice.channels.every(({ reasons }) =>
      reasons.some((reason) => reason.code === 'past-deadline' && reason.deadline === '2023-03-21'),
    ),
  ).toBe(true);
  expect(advice.text.zh.join('')).toContain('已过期限 2023-03-21');
});

it("refuses in Shanghai what is more than the tenant's three months back, whatever the counter's guide says", () => {
  const advice = advise({ region: '310000', months: ['2022-11'] });
  expect(advice.verdict).toBe('refused');
  expect(advice.text.zh.join('')).toContain('断缴距今 4 个月，超过 3 个月，租户确认');
});

it("lets five months pass in Hangzhou under the tenant's six", () => {
  expect(advise({ region: '330100', months: ['2022-10'] }).verdict).toBe('eligible');
});

it("without a tenant's word, Shenzhen has the self-service limit and the counter without one", () => {
  const advice = advise({ book: shipped, months: ['2022-10'] });
  expect(verdicts(advice)).toEqual({ online: 'refused -', counter: 'eligible -', agency: 'unknown -' });
  expect(advice.missing).toEqual(
    expect.arrayContaining(['440300.pension.late_fee_start', '440300.pension.late_fee_payment_day']),
  );
  expect(advice.text.zh.join('')).toContain('滞纳金未知');
});

it("Beijing's online channel closes on the 25th of a month, three months after the gap", () => {
  const advice = advise({ book: shipped, region: '110000', hiredOn: '2023-01-31' });
  expect(verdicts(advice)).toMatchObject({ online: 'eligible 2023-04-25', counter: 'eligible -' });
  expect(advice.text.en.join(' ')).toContain('all insurances together (work injury too); from day 5 to 25 of a month');
});

it('sums several months and says each apart', () => {
  const advice = advise({ months: ['2022-12', '2023-01'] });
  expect(advice.cells).toHaveLength(6);
  expect(advice.text.zh.filter((sentence) => sentence.startsWith('个人部分'))).toHaveLength(2);
});

it('refuses to advise about nothing', () => {
  expect(() => advise({ months: [] })).toThrow('without an unpaid month');
});
