/** How does the bureau take applications for back-payment over its wire, and how does it list what became of them? */
import type { Application, ApplicationLine, BackPayments, LineState } from '../back-payments.js';
import { indexOfPersonNo, personNo } from '../ids.js';
import { OPEN_MONTH, WINDOW_FROM, monthText, parseMonthNo } from '../world/calendar.js';
import type { InsuranceNo } from '../world/figures.js';
import { visibleEmployees } from './listing.js';
import { json, readJson, textField, wholeNumber, yuan, type Reply, type SandboxRequest } from './serve.js';

const INSURANCE_CODES: readonly string[] = ['110', '310', '210'];
/** 受理, 审核通过, 不予办理, 到账. */
const STATE_CODES: Readonly<Record<LineState, string>> = { received: '01', accepted: '02', rejected: '09', paid: '03' };
const MAX_APPLICATIONS = 50;
const MAX_LIMIT = 1000;

type Answered = Readonly<Record<string, string | null>>;

export function takeApplications(backPayments: BackPayments, employees: number, request: SandboxRequest): Reply {
  const applications = readJson(request)?.['applications'];
  if (!Array.isArray(applications) || applications.length > MAX_APPLICATIONS)
    return json(
      { error: { code: 'BAD_BODY', message: `applications must be a list of up to ${MAX_APPLICATIONS}.` } },
      400,
    );
  return json({ results: applications.map((each: unknown) => takeOne(backPayments, employees, each)) });
}

function takeOne(backPayments: BackPayments, employees: number, application: unknown): Answered {
  const ref = textField(application, 'ref');
  const reject = (code: string, message: string): Answered => ({
    ref,
    result: 'rejected',
    applicationNo: null,
    code,
    message,
  });
  if (ref === '' || ref.length > 200) return reject('BAD_REF', 'ref must be a text of 1 to 200 characters.');
  const index = indexOfPersonNo(textField(application, 'personNo'));
  if (index === null || index >= employees) return reject('UNKNOWN_PERSON', 'No such insured person.');
  const told = (application as { readonly lines?: unknown }).lines;
  const lines = Array.isArray(told) ? told.map(readLine) : [];
  const read = lines.filter((line) => line !== null);
  if (read.length === 0 || read.length < lines.length)
    return reject('BAD_LINES', 'Each line needs aae140, aae003 (a closed month), aae180.');
  const taken = backPayments.take({ system: 'bureau', index, ref, lines: read });
  if (taken.outcome === 'ref-reused') return reject('REF_REUSED', 'This ref was used for another application.');
  return { ref, result: taken.outcome, applicationNo: applicationNo(taken.application), code: null, message: null };
}

function readLine(line: unknown): Omit<ApplicationLine, 'state' | 'reason' | 'billedMonth'> | null {
  const insurance = INSURANCE_CODES.indexOf(textField(line, 'aae140'));
  const month = parseMonthNo(textField(line, 'aae003'));
  const base = /^(\d{1,7})\.(\d{2})$/.exec(textField(line, 'aae180'));
  if (insurance < 0 || month === null || month < WINDOW_FROM || month >= OPEN_MONTH || base === null) return null;
  return { insurance: insurance as InsuranceNo, month, baseFen: Number(`${base[1]}${base[2]}`) };
}

export function listApplications(backPayments: BackPayments, employees: number, request: SandboxRequest): Reply {
  const until = visibleEmployees(employees, request.faults);
  const wanted = request.query.get('personNos');
  const limit = wholeNumber(request.query.get('limit'), MAX_LIMIT);
  const from = wholeNumber(request.query.get('cursor'), 0);
  if (!(limit >= 1 && limit <= MAX_LIMIT) || Number.isNaN(from))
    return json({ error: { code: 'BAD_LIMIT', message: `limit must be 1 to ${MAX_LIMIT}.` } }, 400);
  const asked = wanted === null || wanted === '' ? null : wanted.split(',');
  const rows = backPayments
    .all('bureau')
    .filter(({ index }) => index < until && (asked === null || asked.includes(personNo(index))))
    .flatMap(rowsOf);
  const items = rows.slice(from, from + limit);
  const next = from + limit < rows.length ? String(from + limit) : null;
  return { ...json({ items, nextCursor: next, total: rows.length }), rows: items.length };
}

function rowsOf(application: Application): readonly Answered[] {
  return application.lines.map(({ insurance, month, baseFen, state, reason }) => ({
    applicationNo: applicationNo(application),
    personNo: personNo(application.index),
    aae140: INSURANCE_CODES[insurance] ?? '',
    aae003: monthText(month, ''),
    aae180: yuan(baseFen),
    status: STATE_CODES[state],
    // 备注
    aae013: reason,
    receivedOn: application.receivedOn,
  }));
}

function applicationNo({ number }: Application): string {
  return `SQ${String(number).padStart(8, '0')}`;
}
