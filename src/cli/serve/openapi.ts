/** What the hub answers over HTTP, as an OpenAPI 3.1 document made from the schemas that check the queries. */
import { z } from 'zod';
import { NAMED_ANSWERS, backPaymentQuery, quoteQuery, regionsQuery } from './policy.http.js';

interface Route {
  readonly path: string;
  readonly summary: string;
  readonly query: z.ZodObject;
  readonly answer: keyof typeof ANSWERS;
}

const NOTHING = z.strictObject({});
const ANSWERS = {
  ...NAMED_ANSWERS,
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
];

const REFUSALS = {
  '400': 'The question has mistakes; the message names each',
  '401': 'The token of hub.yaml is missing or wrong',
  '403': 'No token is configured, and the caller is not on this machine',
} as const;

type JsonObject = Readonly<Record<string, unknown>>;

export function openApiDocument(version: string): JsonObject {
  return {
    openapi: '3.1.0',
    info: { title: 'buduan', version, description: 'Amounts are whole fen, rates parts per million, months YYYY-MM.' },
    security: [{ token: [] }],
    components: { schemas: schemasOf(), securitySchemes: { token: { type: 'http', scheme: 'bearer' } } },
    paths: Object.fromEntries(ROUTES.map((route) => [route.path, { get: operationOf(route) }])),
  };
}

function operationOf({ path, summary, query, answer }: Route): JsonObject {
  return {
    operationId: path.replace(/^\/api\//, '').replaceAll('/', '-'),
    summary,
    parameters: parametersOf(query),
    responses: {
      '200': { description: summary, content: jsonOf(answer) },
      ...Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [status, { description, content: jsonOf('Error') }]),
      ),
    },
  };
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
