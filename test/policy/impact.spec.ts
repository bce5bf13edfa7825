/** A notice that comes late: who is touched, in which months, for how many fen, and who is not. */
import { formatYuan } from '../../src/domain/fen.js';
import type { Insurance } from '../../src/domain/insurance.js';
import { addMonths, day, month, monthsOf } from '../../src/domain/month.js';
import { region } from '../../src/domain/region.js';
import { expectedBase } from '../../src/policy/base.js';
import { contributionOf } from '../../src/policy/contribution.js';
import { type ChargedPerson, type PolicyChange, impactOf } from '../../src/policy/impact.js';
import { caseBook } from './books.js';
import { wagesOf, yuanOf } from './read-cases.js';

const book = caseBook();
/** 浙人社发〔2023〕60号 of 2023-12-13 raised Zhejiang's range back to January 2023. */
const notice: PolicyChange = {
  before: { book, knownAt: day('2023-12-12') },
  after: { book, knownAt: day('2023-12-13') },
  asOf: day('2023-12-20'),
};

/** Charged from January to October 2023 exactly as was known then, unless `base` says otherwise. */
function person(
  wage: string,
  { base, id = wage }: { readonly base?: string; readonly id?: string } = {},
): ChargedPerson {
  const facts = {
    region: region('330100'),
    employment: { hiredOn: day('2015-01-01'), leftOn: null, startWageFen: null },
    wages: wagesOf({ 2022: wage }),
    insured: {},
  };
  const insurance: Insurance = 'pension';
  const charged = monthsOf(month('2023-01'), month('2023-11')).map((at) => {
    const knownAt = day(`${addMonths(at, 1)}-20`);
    const right = expectedBase({ ...facts, insurance, month: at, knownAt }, book);
    if (!right.known) throw new Error(right.missing.join(', '));
    const baseFen = base === undefined ? right.baseFen : yuanOf(base);
    const { employee, employer } = contributionOf(baseFen, book.cell(facts.region, insurance, at, knownAt), {});
    if (!employee.known || !employer.known) throw new Error('A rate is unknown.');
    return {
      month: at,
      insurance,
      state: 'paid' as const,
      baseFen,
      employeeFen: employee.fen,
      employerFen: employer.fen,
    };
  });
  return { ...facts, personId: id, charged };
}

it('tops up who is above the old cap or below the new floor, and touches nobody between', () => {
  const impact = impactOf(notice, [person('30000'), person('3000'), person('10000')]);
  expect(impact.persons.map(({ personId, months }) => `${personId} ${months.length}`)).toEqual(['30000 10', '3000 10']);
  const [high] = impact.persons;
  expect(high?.months[0]).toMatchObject({
    ...{ month: '2023-01', way: 'apply-with-documents', reason: 'range', wasChargedRight: true, lateFee: null },
    ...{ baseBeforeFen: 2_231_100, chargedBaseFen: 2_231_100 },
  });
  // (24060 − 22311) × 8 % and × 16 %, each month rounded: 139.92 and 279.84.
  expect(high?.months.map(({ employee, employer }) => [employee.differenceFen, employer.differenceFen])).toEqual(
    Array(10).fill([13_992, 27_984]),
  );
});

it('sums fen per insurance and side, and the parts make the whole', () => {
  const persons = [person('30000', { id: 'a' }), person('3000', { id: 'b' }), person('26000', { id: 'c' })];
  const { byInsurance, total } = impactOf(notice, persons);
  const alone = persons.map((each) => impactOf(notice, [each]).total);
  expect(total).toEqual({
    months: 30,
    employeeFen: alone.reduce((sum, { employeeFen }) => sum + employeeFen, 0),
    employerFen: alone.reduce((sum, { employerFen }) => sum + employerFen, 0),
  });
  expect(byInsurance).toEqual({ pension: total });
  // Ten months of (24060 − 22311) × 16 % twice, and of (4462 − 3957) × 16 %.
  expect(formatYuan(total.employerFen)).toBe('6404.80');
});

it('keeps apart who was charged otherwise than anybody knew: that is a finding and no top-up', () => {
  const impact = impactOf(notice, [person('30000', { base: '15000' })]);
  expect(impact.total.months).toBe(0);
  expect(impact.persons[0]).toMatchObject({ months: [], chargedOtherwise: { length: 10 } });
});

it('touches nobody when the same notice is applied twice', () => {
  const again = { ...notice, before: notice.after };
  expect(impactOf(again, [person('30000'), person('3000')]).persons).toEqual([]);
});

it('touches nobody who was charged on the new range already', () => {
  expect(impactOf(notice, [person('30000', { base: '24060' })]).persons).toEqual([]);
});
