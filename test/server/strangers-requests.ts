/** Every route of the running hub that names something by its id, asked as a stranger would: what is known of it, and what is not yet. */
import type { DeclaredRoute } from '../../src/platform/access/access-wall.js';
import type { SeededTenant } from './seeded-tenant.js';

export interface StrangersRequest {
  readonly route: string;
  readonly method: string;
  readonly path: string;
  readonly body?: unknown;
  /** The ids by which this request names something, so that answers can be compared without them. */
  readonly ids: readonly string[];
}

interface Described {
  readonly parameters: readonly { readonly name: string; readonly in: string; readonly schema: Schema }[];
  readonly requestBody?: { readonly content: Readonly<Record<string, { readonly schema: Schema }>> };
}
export type OpenApiPaths = Readonly<Record<string, Readonly<Record<string, Described>>>>;

interface Schema {
  readonly format?: string;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly items?: Schema;
}

const HASH = 'a'.repeat(64);
/** Ids by the name of a path parameter, under the first part of the address that tells what they are of. */
const PATH_IDS: Readonly<Record<string, (seed: SeededTenant) => readonly string[]>> = {
  'cases :caseId': (seed) => [seed.case],
  'receipts :receiptId': (seed) => [seed.receipt],
  'persons :id': (seed) => [seed.person],
  'links :id': (seed) => [seed.link],
  'findings :findingId': (seed) => [seed.finding],
  'approvals :approvalId': (seed) => [`plan:${seed.plan}`, `operation:${seed.operation}`, `case:${seed.case}`],
};

/** What else a POST with an id in its path says, so that the id is all that can be wrong with it. */
const PATH_BODIES: Readonly<Record<string, object>> = {
  ask: {},
  confirm: { hash: HASH },
  decline: { hash: HASH },
  return: { hash: HASH, reason: 'why' },
  refuse: { hash: HASH, reason: 'why' },
  submit: {},
  withdraw: {},
  reopen: { reason: 'why' },
  link: {},
  receipt: Buffer.from('%PDF-1.4 of a stranger'),
  revoke: {},
  identity: { reason: 'form of the bureau' },
  'set-aside': { reason: 'seen', until: '<today>' },
  'take-back': { reason: 'seen' },
  'cases approve': { hash: HASH },
  'cases reject': { reason: 'why' },
  'approvals approve': { hash: HASH },
  'approvals reject': { hash: HASH, reason: 'why' },
};

/** Bodies that name something by its id. */
const BODIES: Readonly<Record<string, (seed: SeededTenant) => readonly unknown[]>> = {
  'POST /api/cases': (seed) => [{ person: seed.person }],
  'POST /api/persons': (seed) => [{ connection: seed.connection, key: seed.ownerKey }],
  'POST /api/cases/approve': (seed) => [{ cases: [{ caseId: seed.case, hash: HASH }] }],
  'POST /api/cases/submit': (seed) => [{ cases: [{ caseId: seed.case }] }],
  'POST /api/approvals/decide': (seed) => {
    const ids = [`plan:${seed.plan}`, `operation:${seed.operation}`, `case:${seed.case}`];
    return [{ lines: ids.map((id) => ({ id, decision: 'approve', hash: HASH })) }];
  },
};

export interface Walk {
  readonly requests: readonly StrangersRequest[];
  /** Routes with an id for which nothing is written down here. */
  readonly unknown: readonly string[];
}

/** `today`: the last day of what is set aside. */
export function strangersRequests(
  routes: readonly DeclaredRoute[],
  paths: OpenApiPaths,
  seed: SeededTenant & { readonly today: string },
): Walk {
  const requests: StrangersRequest[] = [];
  const unknown: string[] = [];
  for (const { method, path, permission } of routes) {
    // Open to anybody means that no key says whose caller it is: the address itself is the secret, or the signature.
    if (permission.kind === 'anybody') continue;
    const route = `${method} ${path}`;
    const found = path.includes(':') ? byPath(route, seed) : byBody(route, paths, seed);
    if (found === null) unknown.push(route);
    else requests.push(...found);
  }
  return { requests, unknown };
}

function byPath(route: string, seed: SeededTenant & { readonly today: string }): readonly StrangersRequest[] | null {
  const [method = '', path = ''] = route.split(' ');
  const parts = path.split('/');
  const verb = parts.at(-1)?.startsWith(':') === false ? (parts.at(-1) ?? '') : '';
  const said = method === 'POST' ? (PATH_BODIES[verb] ?? PATH_BODIES[`${parts[2] ?? ''} ${verb}`]) : {};
  if (said === undefined) return null;
  const addresses = parts.reduce<readonly Address[] | null>(
    (begun, part, at) => {
      if (!part.startsWith(':')) return begun?.map(({ path, ids }) => ({ path: `${path}/${part}`, ids })) ?? null;
      const idsOf = PATH_IDS[`${parts[at - 1] ?? ''} ${part}`]?.(seed);
      if (idsOf === undefined) return null;
      return (
        begun?.flatMap(({ path, ids }) =>
          idsOf.map((id) => ({ path: `${path}/${encodeURIComponent(id)}`, ids: [...ids, id, uuidOf(id)] })),
        ) ?? null
      );
    },
    [{ path: '', ids: [] }],
  );
  const body = Buffer.isBuffer(said)
    ? said
    : (JSON.parse(JSON.stringify(said).replace('<today>', seed.today)) as unknown);
  return (
    addresses?.map(({ path, ids }) => {
      const asked = { route, method, path: path.slice(1), ids };
      return method === 'POST' ? { ...asked, body } : asked;
    }) ?? null
  );
}

interface Address {
  readonly path: string;
  readonly ids: readonly string[];
}

/** None where the body names nothing; null where it does and nobody has said how. */
function byBody(route: string, paths: OpenApiPaths, seed: SeededTenant): readonly StrangersRequest[] | null {
  const [method = '', path = ''] = route.split(' ');
  const schema = paths[path]?.[method.toLowerCase()]?.requestBody?.content['application/json']?.schema;
  if (schema === undefined || !namesSomething(schema)) return [];
  const ids = Object.values(seed).flatMap((id) => (typeof id === 'string' ? [id] : []));
  return BODIES[route]?.(seed).map((body) => ({ route, method, path, body, ids })) ?? null;
}

/** A property that is a uuid by its form, or an id by its name. */
export function namesSomething({ format, properties = {}, items }: Schema): boolean {
  return (
    format === 'uuid' ||
    Object.entries(properties).some(([name, part]) => isIdName(name) || namesSomething(part)) ||
    (items !== undefined && namesSomething(items))
  );
}

function isIdName(name: string): boolean {
  return /^(?:id|key|person|case|run|plan|finding|connection|operation)$|Id$/.test(name);
}

function uuidOf(id: string): string {
  return id.slice(id.indexOf(':') + 1);
}

export interface Listing {
  readonly route: string;
  /** Without and with each id that it can be asked by. */
  readonly paths: readonly string[];
}

/** Every GET without an id in its path, also narrowed to what is a stranger's. */
export function listings(
  routes: readonly DeclaredRoute[],
  paths: OpenApiPaths,
  seed: SeededTenant,
): readonly Listing[] {
  return routes.flatMap(({ method, path, permission }) => {
    if (method !== 'GET' || path.includes(':') || permission.kind === 'anybody') return [];
    const parameters = paths[path]?.['get']?.parameters ?? [];
    const required = path === '/api/policy/regions' ? '?q=x' : '?';
    const narrowed = parameters.flatMap(({ name, schema }) => {
      const isId = schema.format === 'uuid' || isIdName(name);
      if (!isId) return [];
      const value = name === 'connection' ? seed.connection : name === 'run' ? seed.run : seed.person;
      return [`${path}${required}&${name}=${value}`];
    });
    return [{ route: `${method} ${path}`, paths: [`${path}${required}`, ...narrowed] }];
  });
}
