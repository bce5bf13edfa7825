/** The cases of back-payments.yaml hold: verdicts by channel, last days, amounts, and the sentence people read. */
import { formatYuan } from '../../src/domain/fen.js';
import { type Insurance, isInsurance } from '../../src/domain/insurance.js';
import { day, month } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { type BackPaymentAdvice, adviseBackPayment } from '../../src/policy/back-payment.js';
import { demoBook, shippedBook } from './books.js';
import { casesOf, yuanOf } from './read-cases.js';

interface BackPaymentCase {
  readonly law: 'pack' | 'demo';
  readonly region: string;
  readonly hukouRegion?: string;
  readonly hukou?: 'local' | 'other';
  readonly gaps: readonly string[];
  readonly insurances?: readonly string[];
  readonly hiredOn: string;
  readonly asOf: string;
  readonly wage: string;
  readonly expect: Readonly<Record<string, string | Readonly<Record<string, string>>>>;
}

const books = { pack: shippedBook(), demo: demoBook() };
const INSURANCES: readonly Insurance[] = ['pension', 'medical', 'unemployment'];

function advise(asked: BackPaymentCase): BackPaymentAdvice {
  const insurances = asked.insurances?.filter(isInsurance) ?? INSURANCES;
  return adviseBackPayment({
    book: books[asked.law],
    region: region(asked.region),
    hukouRegion: asked.hukouRegion === undefined ? null : region(asked.hukouRegion),
    ...(asked.hukou === undefined ? {} : { hukou: asked.hukou }),
    gaps: asked.gaps.flatMap((gap) => insurances.map((insurance) => ({ month: month(gap), insurance }))),
    hiredOn: day(asked.hiredOn),
    asOf: day(asked.asOf),
    wageFen: yuanOf(asked.wage),
  });
}

/** What the advice says of a word of the case; amounts of an insurance are those of its first month. */
function said(advice: BackPaymentAdvice, word: string): unknown {
  if (isInsurance(word)) {
    const cell = advice.cells.find(({ insurance }) => insurance === word);
    const amount = (side: 'employee' | 'employer'): string =>
      cell?.[side].known === true ? formatYuan(cell[side].fen) : 'unknown';
    return { employee: amount('employee'), employer: amount('employer') };
  }
  const channel = advice.channels.find((each) => word.startsWith(each.channel));
  if (channel !== undefined) return word.endsWith('Until') ? channel.lastDay : channel.verdict;
  switch (word) {
    case 'verdict':
      return advice.verdict;
    case 'lastDay':
      return advice.lastDay;
    case 'totals': {
      const { employeeFen, employerFen, lateFeeFen } = advice.totals;
      return { employee: formatYuan(employeeFen), employer: formatYuan(employerFen), lateFee: formatYuan(lateFeeFen) };
    }
    case 'zh':
      return advice.text.zh.join('');
    default:
      throw new Error(`A case expects "${word}", which nobody checks.`);
  }
}

it.each(casesOf<BackPaymentCase>('./back-payments.yaml'))('%s', (_name, asked) => {
  const advice = advise(asked);
  for (const [word, wanted] of Object.entries(asked.expect)) {
    const found = said(advice, word);
    if (word === 'zh') expect(found).toContain(wanted);
    else if (typeof wanted === 'string') expect({ [word]: found }).toEqual({ [word]: wanted });
    else
      expect({ [word]: found }).toMatchObject({
        [word]: Object.fromEntries(Object.entries(wanted).map(([side, amount]) => [side, formatYuan(yuanOf(amount))])),
      });
  }
});
