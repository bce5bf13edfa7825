/**
 * How the values of a row become the item of a stream. One literal per stream, so that all its items share one shape: keys
 * set one by one by name took a third of the time of mapping (measured with 1.2 million wage months).
 */
import { INSURANCES, type Insurance } from '../../../domain/insurance.js';
import type { Stream } from '../../../domain/records.js';
import { STREAM_FIELDS } from './stream-fields.js';

/** Values of the mapped fields in the order of the names given to `compileItem`, with room for two more behind them. */
export type Slots = unknown[];
export type ItemMaker = (slots: Slots) => unknown;

/** Where the value of a field stands; `undefined` or, for a field that items always carry, `null` where it is not mapped. */
type PlaceOf = (field: string) => number;

/** Slots for these fields, empty, and the maker that reads them. Names that the stream does not know serve as keys only. */
export function compileItem(stream: Stream, names: readonly string[]): { slots: Slots; make: ItemMaker } {
  const left = names.length;
  const none = left + 1;
  const slots: Slots = [...names.map(() => undefined), undefined, null];
  const make = MAKERS[stream](
    (field) => {
      const at = names.indexOf(field);
      if (at >= 0) return at;
      return STREAM_FIELDS[stream][field]?.always === true ? none : left;
    },
    (group) => moneyMaker(group, names, left),
  );
  return { slots, make };
}

type Makers = Readonly<Record<Stream, (at: PlaceOf, money: (group: string) => ItemMaker) => ItemMaker>>;

const MAKERS: Makers = {
  persons: (at, money) => {
    const [name, mobile, employeeNo, status] = places(at, ['name', 'mobile', 'employeeNo', 'status']);
    const bases = money('bases');
    return (s) => ({ name: s[name], mobile: s[mobile], employeeNo: s[employeeNo], status: s[status], bases: bases(s) });
  },
  employments: (at) => {
    const [employmentId, employer, region, hiredOn] = places(at, ['employmentId', 'employer', 'region', 'hiredOn']);
    const [leftOn, startWageFen, hukou, payingParty] = places(at, ['leftOn', 'startWageFen', 'hukou', 'payingParty']);
    return (s) => ({
      employmentId: s[employmentId],
      employer: s[employer],
      region: s[region],
      hiredOn: s[hiredOn],
      leftOn: s[leftOn],
      startWageFen: s[startWageFen],
      hukou: s[hukou],
      payingParty: s[payingParty],
    });
  },
  wages: (at, money) => {
    const [month, grossFen, state] = places(at, ['month', 'grossFen', 'state']);
    const withheld = money('withheld');
    return (s) => ({ month: s[month], grossFen: s[grossFen], withheld: withheld(s), state: s[state] });
  },
  attendance: (at) => {
    const [month, required, worked] = places(at, ['month', 'requiredDaysHundredths', 'workedDaysHundredths']);
    return (s) => ({ month: s[month], requiredDaysHundredths: s[required], workedDaysHundredths: s[worked] });
  },
  contributions: (at) => {
    const [month, insurance, kind, state] = places(at, ['month', 'insurance', 'kind', 'state']);
    const [payer, region, baseFen, employeeFen] = places(at, ['payer', 'region', 'baseFen', 'employeeFen']);
    const [employerFen, employeeRate, employerRate] = places(at, ['employerFen', 'employeeRatePpm', 'employerRatePpm']);
    return (s) => ({
      month: s[month],
      insurance: s[insurance],
      kind: s[kind],
      state: s[state],
      payer: s[payer],
      region: s[region],
      baseFen: s[baseFen],
      employeeFen: s[employeeFen],
      employerFen: s[employerFen],
      employeeRatePpm: s[employeeRate],
      employerRatePpm: s[employerRate],
    });
  },
  orders: (at) => {
    const [orderId, kind, state, months] = places(at, ['orderId', 'kind', 'state', 'months']);
    const [insurances, baseFen, reason] = places(at, ['insurances', 'baseFen', 'reason']);
    return (s) => ({
      orderId: s[orderId],
      kind: s[kind],
      state: s[state],
      months: s[months],
      insurances: s[insurances],
      baseFen: s[baseFen],
      reason: s[reason],
    });
  },
  submissions: (at) => {
    const [submissionId, kind, state] = places(at, ['submissionId', 'kind', 'state']);
    const [insurance, effectiveMonth] = places(at, ['insurance', 'effectiveMonth']);
    const [baseFen, reason] = places(at, ['baseFen', 'reason']);
    return (s) => ({
      submissionId: s[submissionId],
      kind: s[kind],
      state: s[state],
      insurance: s[insurance],
      effectiveMonth: s[effectiveMonth],
      baseFen: s[baseFen],
      reason: s[reason],
    });
  },
  bills: (at) => {
    const [billId, state, insurance, month] = places(at, ['billId', 'state', 'insurance', 'month']);
    const [billedMonth, orderId, baseFen] = places(at, ['billedMonth', 'orderId', 'baseFen']);
    const [employeeFen, employerFen] = places(at, ['employeeFen', 'employerFen']);
    const [backEmployee, backEmployer] = places(at, ['backPayEmployeeFen', 'backPayEmployerFen']);
    const [lateEmployee, lateEmployer] = places(at, ['lateFeeEmployeeFen', 'lateFeeEmployerFen']);
    const [serviceFee, due, paid, difference] = places(at, ['serviceFeeFen', 'dueFen', 'paidFen', 'differenceFen']);
    return (s) => ({
      billId: s[billId],
      state: s[state],
      insurance: s[insurance],
      month: s[month],
      billedMonth: s[billedMonth],
      orderId: s[orderId],
      baseFen: s[baseFen],
      employeeFen: s[employeeFen],
      employerFen: s[employerFen],
      backPayEmployeeFen: s[backEmployee],
      backPayEmployerFen: s[backEmployer],
      lateFeeEmployeeFen: s[lateEmployee],
      lateFeeEmployerFen: s[lateEmployer],
      serviceFeeFen: s[serviceFee],
      dueFen: s[due],
      paidFen: s[paid],
      differenceFen: s[difference],
    });
  },
};

type Places<N extends readonly string[]> = { readonly [I in keyof N]: number };

function places<const N extends readonly string[]>(at: PlaceOf, fields: N): Places<N> {
  return fields.map(at) as unknown as Places<N>;
}

/** Money per insurance; undefined where no entry of the group is mapped. */
function moneyMaker(group: string, names: readonly string[], left: number): ItemMaker {
  const at = (insurance: Insurance): number => {
    const found = names.indexOf(`${group}.${insurance}`);
    return found >= 0 ? found : left;
  };
  if (INSURANCES.every((insurance) => at(insurance) === left)) return () => undefined;
  const [pension, medical, unemployment] = [at('pension'), at('medical'), at('unemployment')];
  const [workInjury, maternity, housingFund] = [at('work-injury'), at('maternity'), at('housing-fund')];
  return (s) => ({
    pension: s[pension],
    medical: s[medical],
    unemployment: s[unemployment],
    'work-injury': s[workInjury],
    maternity: s[maternity],
    'housing-fund': s[housingFund],
  });
}
