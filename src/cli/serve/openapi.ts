/** What the hub answers over HTTP, as an OpenAPI 3.1 document made from the schemas that check the queries. */
import { z } from 'zod';
import type { DeclaredRoute } from '../../platform/access/access-wall.js';
import type { Permission } from '../../platform/access/permission.js';
import { RECEIPT_TYPES } from '../../backpay/receipt-kind.js';
import { ANSWERS, ROUTES, type Route } from './openapi-routes.js';

const REFUSALS = {
  '400': 'The question has mistakes; the message names each',
  '401': 'No live key and not the token of hub.yaml',
  '403': 'The key has none of the scopes that are needed; or neither key nor token, and not this machine',
  '404': 'There is no such thing for this key, whether another tenant has it or not',
  '409': 'It cannot be done now; the code says why',
} as const;

const SCHEMES = {
  key: { type: 'http', scheme: 'bearer', description: 'A key of one tenant: buduan api-key create' },
  administrator: { type: 'http', scheme: 'bearer', description: 'server.token of hub.yaml, for every tenant' },
} as const;

type JsonObject = Readonly<Record<string, unknown>>;

/** `declared`: the routes of the running hub; what it does not serve is not described. */
export function openApiDocument(version: string, declared: readonly DeclaredRoute[]): JsonObject {
  const permissionOf = new Map(declared.map(({ method, path, permission }) => [`${method} ${path}`, permission]));
  return {
    openapi: '3.1.0',
    info: { title: 'buduan', version, description: 'Amounts are whole fen, rates parts per million, months YYYY-MM.' },
    components: { schemas: schemasOf(), securitySchemes: SCHEMES },
    paths: pathsOf((method, path) =>
      permissionOf.get(`${method.toUpperCase()} ${path.replaceAll(/\{(\w+)\}/g, ':$1')}`),
    ),
  };
}

function pathsOf(permissionOf: (method: string, path: string) => Permission | undefined): JsonObject {
  const paths: Record<string, Record<string, JsonObject>> = {};
  for (const route of ROUTES) {
    const { method = 'get', path } = route;
    const permission = permissionOf(method, path);
    if (permission !== undefined) paths[path] = { ...paths[path], [method]: operationOf(route, permission) };
  }
  return paths;
}

function operationOf({ method, path, summary, query, body, bytes, answer }: Route, permission: Permission): JsonObject {
  const name = path
    .replace(/^\/api\//, '')
    .replaceAll(/[{}]/g, '')
    .replaceAll('/', '-');
  return {
    operationId: method === undefined ? name : `${method}-${name}`,
    summary,
    security: securityOf(permission),
    parameters: [...idsOf(path), ...parametersOf(query)],
    ...(bytes === undefined ? {} : { requestBody: { required: true, content: contentOf(bytes) } }),
    ...(body === undefined
      ? {}
      : {
          requestBody: {
            required: true,
            content: {
              'application/json': {
                schema: plainSchema(z.toJSONSchema(body, { io: 'input', unrepresentable: 'any' })),
              },
            },
          },
        }),
    responses: {
      '200': { description: summary, content: contentOfAnswer(answer) },
      ...Object.fromEntries(
        Object.entries(REFUSALS).map(([status, description]) => [status, { description, content: jsonOf('Error') }]),
      ),
    },
  };
}

function contentOfAnswer(answer: Route['answer']): JsonObject {
  switch (answer) {
    case 'zip':
      return contentOf(['application/zip']);
    case 'receipt':
      return contentOf(Object.values(RECEIPT_TYPES));
    default:
      return jsonOf(answer);
  }
}

function contentOf(types: readonly string[]): JsonObject {
  return Object.fromEntries(types.map((type) => [type, {}]));
}

/** One of these is enough; the names are the scopes of which a key needs one. */
function securityOf(permission: Permission): JsonObject[] {
  if (permission.kind === 'anybody') return [];
  return [...permission.scopes.map((scope) => ({ key: [scope] })), { administrator: [] }];
}

function idsOf(path: string): JsonObject[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => ({
    ...{ name, in: 'path', required: true },
    schema: name === 'approvalId' ? { type: 'string' } : { type: 'string', format: 'uuid' },
  }));
}

function parametersOf(query: z.ZodObject): JsonObject[] {
  const { properties = {}, required = [] } = z.toJSONSchema(query, { io: 'input', unrepresentable: 'any' });
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
  return Object.fromEntries(Object.entries(schemas).map(([id, schema]) => [id, plainSchema(schema)]));
}

function plainSchema({ $schema: _schema, $id: _id, ...schema }: z.core.JSONSchema.BaseSchema): JsonObject {
  return schema;
}
