/** What the hub answers over HTTP, as an OpenAPI 3.1 document made from the schemas that check the queries. */
import { z } from 'zod';
import * as cases from './cases.http.js';
import { NAMED_CASE_ANSWERS } from './cases.http.js';
import { NAMED_ANSWERS, backPaymentQuery, quoteQuery, regionsQuery } from './policy.http.js';

interface Route {
  readonly path: string;
  /** Default: get. */
  readonly method?: 'post';
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly body?: z.ZodObject;
  readonly answer: keyof typeof ANSWERS;
}

const NOTHING = z.strictObject({});
const ANSWERS = {
  ...NAMED_ANSWERS,
  ...NAMED_CASE_ANSWERS,
  Status: z.looseObject({ tenants: z.array(z.looseObject({ tenant: z.string() })) }),
} as const;

const ROUTES: readonly Route[] = [
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
  ...caseRoutes(),
];

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
    post('', 'Propose a case for a person, or ask for one oneself', cases.proposeBody),
    post('/{caseId}/ask', 'Ask the employee', cases.actBody),
    post('/{caseId}/confirm', 'The employee agrees to exactly this', cases.answerBody),
    post('/{caseId}/decline', 'The employee declines', cases.answerBody),
    post('/{caseId}/approve', 'Approve exactly this, as another person than who prepared it', cases.approveBody),
    post('/{caseId}/return', 'Give the case back to HR with a reason', cases.sendBackBody),
    post('/{caseId}/refuse', 'Refuse the case with a reason', cases.sendBackBody),
    post('/{caseId}/submit', 'Send an approved case, or note the receipt of who carried it', cases.submitBody),
    post('/{caseId}/withdraw', 'Withdraw a case that has not left', cases.actBody),
    post('/approve', 'Approve many cases, each on its own', cases.bulkApproveBody),
    post('/submit', 'Send many approved cases, each on its own', cases.bulkSubmitBody),
    {
      ...{ path: '/api/persons', method: 'post', query: NOTHING, body: cases.personBody, answer: 'PersonRead' },
      summary: 'Somebody was hired: read the person at once where it is known, bureaus first of all',
    },
  ];
}

const REFUSALS = {
  '400': 'The question has mistakes; the message names each',
  '401': 'The token of hub.yaml is missing or wrong',
  '403': 'No token is configured, and the caller is not on this machine',
  '404': 'The tenant has no such case or person',
  '409': 'The case cannot be moved like this; the code says why',
} as const;

type JsonObject = Readonly<Record<string, unknown>>;

export function openApiDocument(version: string): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title: 'buduan', version, description: 'Amounts are whole fen, rates parts per million, months YYYY-MM.' },
    security: [{ token: [] }],
    components: { schemas: schemasOf(), securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths: pathsOf(ROUTES),
  };
}

function pathsOf(routes: readonly Route[]): JsonObject {
  const paths = new Map<string, JsonObject>();
  for (const route of routes)
    paths.set(route.path, { ...paths.get(route.path), [route.method ?? 'get']: operationOf(route) });
  return Object.fromEntries(paths);
}

function operationOf({ path, method, summary, query, body, answer }: Route): JsonObject {
  const name = path
    .replace(/^\/api\//, '')
    .replace(/[{}]/g, '')
    .replaceAll('/', '-');
  const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, each]) => ({
    ...{ name: each, in: 'path', required: true, schema: { type: 'string', format: 'uuid' } },
  }));
  return {
    operationId: method === undefined ? name : `${method}-${name}`,
    summary,
    parameters: [...inPath, ...parametersOf(query)],
    ...(body === undefined
      ? {}
      : { requestBody: { required: true, content: { 'application/json': { schema: bodyOf(body) } } } }),
    responses: {
      '200': { description: summary, content: jsonOf(answer) },
      ...Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [status, { description, content: jsonOf('Error') }]),
      ),
    },
  };
}

function bodyOf(body: z.ZodObject): JsonObject {
  const { $schema: _, ...schema } = z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' });
  return schema;
}

function parametersOf(query: z.ZodObject): JsonObject[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input' });
  return Object.entries(properties).map(([name, property]) => {
    const { description, example, ...schema } = property as JsonObject;
    return {
      name,
      in: 'query',
      required: required.includes(name),
      ...(description === undefined ? {} : { description }),
      ...(example === undefined ? {} : { example }),
      schema,
    };
  });
}

function jsonOf(answer: keyof typeof ANSWERS): JsonObject {
  return { 'application/json': { schema: { $ref: refTo(answer) } } };
}

function refTo(answer: string): string {
  return `#/components/schemas/${answer}`;
}

function schemasOf(): JsonObject {
  const named = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(ANSWERS)) named.add(schema, { id });
  const { schemas } = z.toJSONSchema(named, { uri: refTo });
  return Object.fromEntries(
    Object.entries(schemas).map(([id, { $schema: _schema, $id: _id, ...schema }]) => [id, schema]),
  );
}
