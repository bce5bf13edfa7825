/** How the `request` of a read, write, query or check becomes what is sent, with every template compiled once. */
import { HubError } from '../../domain/hub-error.js';
import type { Json } from '../port.js';
import type { ExchangeMethod, ExchangeRequest } from './exchange.js';
import { REQUEST_METHODS, type RequestSpec } from './read.schema.js';
import { text } from './template-filters.js';
import { compileOrThrow, compileText, type TemplateScope, type TemplateValues } from './template.js';

export type BuiltRequest = Omit<ExchangeRequest, 'name' | 'idempotent'>;

export interface CompiledRequest {
  build(values: TemplateValues): BuiltRequest;
  /** Whether a variable decides anything in the request. */
  mentions(variable: string): boolean;
}

/** Throws HubError `bad-template`; `where` names the place in the manifest. */
export function compileRequest(spec: RequestSpec, scope: TemplateScope, where: string): CompiledRequest {
  const { method, path } = targetOf(spec, where);
  const renderPath = compileText(path, scope, `${where}.${method.toLowerCase()}`);
  const query = compileFields(spec.query ?? {}, scope, `${where}.query`);
  const headers = compileFields(spec.headers ?? {}, scope, `${where}.headers`);
  const type = spec.form === undefined ? ('json' as const) : ('form' as const);
  const body = spec.form ?? spec.json;
  const renderBody = body === undefined ? null : compileOrThrow(body, scope, `${where}.${type}`);
  const source = JSON.stringify(spec);
  return {
    build: (values) => ({
      method,
      path: renderPath(encoded(values)),
      query: query(values),
      headers: definedOnly(headers(values)),
      ...(renderBody === null ? {} : { body: { type, value: renderBody(values) ?? null } }),
    }),
    mentions: (variable) => mentionsVariable(source, variable),
  };
}

/** The one method of a request and its path. Throws HubError `bad-request` where there is none or more than one. */
export function targetOf(spec: RequestSpec, where: string): { readonly method: ExchangeMethod; readonly path: string } {
  const used = REQUEST_METHODS.filter((method) => spec[method] !== undefined);
  const [method] = used;
  if (method === undefined || used.length > 1) {
    throw new HubError({
      code: 'bad-request',
      next: 'fix-config',
      message: `The request at ${where} must have exactly one of ${REQUEST_METHODS.join(', ')}.`,
      detail: { where },
    });
  }
  return { method: method.toUpperCase() as ExchangeMethod, path: spec[method] ?? '' };
}

export function mentionsVariable(source: string, variable: string): boolean {
  for (let at = source.indexOf('${'); at >= 0; at = source.indexOf('${', at + 2)) {
    const name = source.slice(at + 2).trimStart();
    if (name.startsWith(variable) && !/[\w-]/.test(name.charAt(variable.length))) return true;
  }
  return false;
}

type Fields = Readonly<Record<string, string | number | boolean>>;

function compileFields(
  fields: Fields,
  scope: TemplateScope,
  where: string,
): (values: TemplateValues) => Record<string, string | number | undefined> {
  const compiled = Object.entries(fields).map(([name, value]) => {
    const render =
      typeof value === 'string'
        ? compileOrThrow(value, scope, `${where}.${name}`)
        : (): Json => (typeof value === 'number' ? value : String(value));
    return { name, render };
  });
  return (values) => Object.fromEntries(compiled.map(({ name, render }) => [name, parameter(render(values))]));
}

/** Lists travel comma-separated; null and undefined leave the parameter out. */
function parameter(value: Json | undefined): string | number | undefined {
  if (value === null || value === undefined) return undefined;
  if (typeof value === 'number') return value;
  return Array.isArray(value) ? value.map(text).join(',') : text(value);
}

function definedOnly(fields: Readonly<Record<string, string | number | undefined>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(fields).flatMap(([name, value]) => (value === undefined ? [] : [[name, String(value)]])),
  );
}

/** Values inside a path are percent-encoded, so that no id can lead to another path. */
function encoded(values: TemplateValues): TemplateValues {
  return encodeDeep(values) as TemplateValues;
}

function encodeDeep(value: unknown): unknown {
  if (typeof value === 'string') return encodeSegment(value);
  if (Array.isArray(value)) return value.map(encodeDeep);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, encodeDeep(inner)]));
}

/** URL parsers read even `%2E%2E` as "one folder up": no value may be that. */
function encodeSegment(value: string): string {
  if (value === '.' || value === '..') {
    throw new HubError({
      code: 'template-value',
      next: 'ask-person',
      message:
        'A value of a request path is "." or "..", which would lead to another path; mend the record in its source.',
    });
  }
  return encodeURIComponent(value);
}
