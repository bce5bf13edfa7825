/** Every route of the API with what it takes and answers; `openapi.ts` makes the document of it. */
import { z } from 'zod';
import { RECEIPT_TYPES } from '../../backpay/receipt-kind.js';
import { linkAnswer, linkEndAnswer, linkEndRequest, linkRequest } from '../../employee/link.http.js';
import * as approvals from './approvals.http.js';
import { auditEventsAnswer, auditEventsQuery, auditHeadAnswer, auditHeadQuery } from './audit.http.js';
import { caseMetricsAnswer, metricsQuery } from './case-metrics.http.js';
import * as cases from './cases.http.js';
import { NAMED_CASE_ANSWERS } from './cases.http.js';
import * as findings from './findings.http.js';
import { identityAnswer, identityRequest } from './person.http.js';
import * as receipts from './receipts.http.js';
import { NAMED_ANSWERS, backPaymentQuery, quoteQuery, regionsQuery } from './policy.http.js';

export interface Route {
  /** Default: get. */
  readonly method?: 'get' | 'post';
  /** With `{name}` for each part that differs; such a part is an id. */
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly body?: z.ZodObject;
  /** The body is bytes of one of these content types. */
  readonly bytes?: readonly string[];
  readonly answer: keyof typeof ANSWERS | 'zip' | 'receipt';
}

const NOTHING = z.strictObject({});
export const ANSWERS = {
  ...NAMED_ANSWERS,
  ...NAMED_CASE_ANSWERS,
  ...findings.NAMED_FINDING_ANSWERS,
  ...approvals.NAMED_APPROVAL_ANSWERS,
  ...receipts.NAMED_RECEIPT_ANSWERS,
  CaseMetrics: caseMetricsAnswer,
  Status: z.looseObject({ tenants: z.array(z.looseObject({ tenant: z.string() })) }),
  AuditEvents: auditEventsAnswer,
  AuditHead: auditHeadAnswer,
  Identity: identityAnswer,
  Link: linkAnswer,
  LinkEnd: linkEndAnswer,
} as const;

export const ROUTES: readonly Route[] = [
  {
    path: '/api/policy/quote',
    summary: 'Range, base, rates and both sides’ amounts of a month, with the source of every figure',
    query: quoteQuery,
    answer: 'Quote',
  },
  {
    path: '/api/policy/backpay',
    summary: 'Whether unpaid months may be paid back, through which channel, until when, for how much',
    query: backPaymentQuery,
    answer: 'BackPayment',
  },
  {
    path: '/api/policy/regions',
    summary: 'Regions the policy has figures for',
    query: regionsQuery,
    answer: 'Regions',
  },
  { path: '/api/status', summary: 'How every tenant of this hub stands', query: NOTHING, answer: 'Status' },
  {
    path: '/api/audit/events',
    summary: 'What was done by whom, newest first',
    query: auditEventsQuery,
    answer: 'AuditEvents',
  },
  {
    path: '/api/audit/head',
    summary: 'Where the audit trail ends now, to be kept elsewhere',
    query: auditHeadQuery,
    answer: 'AuditHead',
  },
  {
    method: 'post',
    path: '/api/persons/{id}/identity',
    summary: 'The whole identity number of a person; the view goes into the audit trail',
    query: NOTHING,
    body: identityRequest,
    answer: 'Identity',
  },
  {
    method: 'post',
    path: '/api/cases/{caseId}/link',
    summary: 'Asks the employee: the address of the page of a case; former addresses end',
    query: NOTHING,
    body: linkRequest,
    answer: 'Link',
  },
  {
    method: 'post',
    path: '/api/persons/{id}/link',
    summary: 'The address of a page where an employee sees the own record and asks for a back-payment',
    query: NOTHING,
    body: linkRequest,
    answer: 'Link',
  },
  {
    method: 'post',
    path: '/api/links/{id}/revoke',
    summary: 'Ends the address of an employee’s page at once',
    query: NOTHING,
    body: linkEndRequest,
    answer: 'LinkEnd',
  },
  ...caseRoutes(),
  ...findingRoutes(),
  ...approvalRoutes(),
  ...receiptRoutes(),
];

function findingRoutes(): readonly Route[] {
  return [
    {
      path: '/api/findings',
      summary: 'What must be acted on, in the order of opening',
      query: findings.findingsQuery,
      answer: 'Findings',
    },
    {
      path: '/api/findings/{findingId}',
      summary: 'One finding with the evidence of every source, the figures of the policy and what closed it',
      query: findings.findingQuery,
      answer: 'Finding',
    },
    {
      ...{ method: 'post', path: '/api/findings/{findingId}/set-aside', query: NOTHING, body: findings.setAsideBody },
      ...{ summary: 'Leave a finding for a while; it stays open and closes by data alone', answer: 'Finding' },
    },
    {
      ...{ method: 'post', path: '/api/findings/{findingId}/take-back', query: NOTHING, body: findings.takeBackBody },
      ...{ summary: 'What was set aside asks to be acted on again', answer: 'Finding' },
    },
  ];
}

function approvalRoutes(): readonly Route[] {
  const post = (path: string, summary: string, body: z.ZodObject): Route => {
    const answer = path === '/decide' ? 'DecidedMany' : 'Decided';
    return { path: `/api/approvals${path}`, method: 'post', summary, query: NOTHING, body, answer };
  };
  return [
    {
      path: '/api/approvals',
      summary: 'Everything that waits for a second person, the longest wait first',
      query: approvals.approvalsQuery,
      answer: 'Approvals',
    },
    {
      path: '/api/approvals/{approvalId}',
      summary: 'What exactly waits, with all that is to be looked at; the id is kind:id',
      query: approvals.approvalQuery,
      answer: 'Approval',
    },
    post('/{approvalId}/approve', 'Let exactly this happen, as another person than who made it', approvals.approveBody),
    post('/{approvalId}/reject', 'Give it up with a reason', approvals.rejectBody),
    post('/decide', 'Decide about many, each on its own', approvals.decideBody),
  ];
}

function caseRoutes(): readonly Route[] {
  const post = (path: string, summary: string, body: z.ZodObject): Route => {
    const answer = path === '' ? 'CasesProposed' : path.startsWith('/{') ? 'CaseMoved' : 'CasesMoved';
    return { path: `/api/cases${path}`, method: 'post', summary, query: NOTHING, body, answer };
  };
  return [
    {
      path: '/api/cases',
      summary: 'Back-payment cases, the fewest days left first',
      query: cases.casesQuery,
      answer: 'Cases',
    },
    {
      path: '/api/cases/{caseId}',
      summary: 'One case with its lines and the hash to sign',
      query: cases.caseQuery,
      answer: 'Case',
    },
    {
      path: '/api/cases/{caseId}/history',
      summary: 'Every move of a case',
      query: cases.caseQuery,
      answer: 'CaseHistory',
    },
    {
      path: '/api/cases/{caseId}/evidence',
      summary:
        'A ZIP archive with everything the hub holds of a case, for auditors; taking it goes into the audit trail',
      query: cases.caseQuery,
      answer: 'zip',
    },
    post('', 'Propose a case for a person, or ask for one oneself', cases.proposeBody),
    post('/{caseId}/ask', 'Ask the employee', cases.actBody),
    post('/{caseId}/confirm', 'The employee agrees to exactly this', cases.answerBody),
    post('/{caseId}/decline', 'The employee declines', cases.answerBody),
    post('/{caseId}/approve', 'Approve exactly this, as another person than who prepared it', cases.approveBody),
    post('/{caseId}/return', 'Give the case back to HR with a reason', cases.sendBackBody),
    post('/{caseId}/refuse', 'Refuse the case with a reason', cases.sendBackBody),
    post('/{caseId}/submit', 'Send an approved case, or note the receipt of who carried it', cases.submitBody),
    post('/{caseId}/withdraw', 'Withdraw a case that has not left', cases.actBody),
    post('/{caseId}/reject', 'Who carried the application there was sent away with it', cases.rejectBody),
    post('/{caseId}/reopen', 'What was said to be paid never arrived, or came back: propose it anew', cases.reopenBody),
    post('/approve', 'Approve many cases, each on its own', cases.bulkApproveBody),
    post('/submit', 'Send many approved cases, each on its own', cases.bulkSubmitBody),
    {
      ...{ path: '/api/persons', method: 'post', query: NOTHING, body: cases.personBody, answer: 'PersonRead' },
      summary: 'Somebody was hired: read the person at once where it is known, bureaus first of all',
    },
  ];
}

function receiptRoutes(): readonly Route[] {
  return [
    {
      path: '/api/case-metrics',
      summary: 'How long cases take, how often HR acts, and how much of the time is the hub’s own',
      query: metricsQuery,
      answer: 'CaseMetrics',
    },
    {
      path: '/api/case-tasks',
      summary: 'Applications that a person has to carry to an office, the fewest days left first',
      query: receipts.tasksQuery,
      answer: 'CaseTasks',
    },
    {
      ...{
        path: '/api/cases/{caseId}/receipt',
        method: 'post',
        query: receipts.receiptQuery,
        answer: 'ReceiptAttached',
      },
      summary:
        'Attach the receipt of who carried it there; the body is the PDF, PNG, JPEG or XLSX itself, at most 5 MiB',
      bytes: Object.values(RECEIPT_TYPES),
    },
    {
      path: '/api/cases/{caseId}/receipts/{receiptId}',
      summary: 'A receipt as it was attached; the view goes into the audit trail',
      query: receipts.receiptShownQuery,
      answer: 'receipt',
    },
  ];
}
