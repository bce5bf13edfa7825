/**
 * What a request or write template of a manifest becomes for given values. `${name.path|filter:arg|filter}`; a text that is
 * exactly one `${…}` keeps the value's type, undefined leaves its key out; `$${` is a literal `${`.
 */
import { HubError } from '../../domain/hub-error.js';
import type { Json } from '../port.js';
import { buildFilter, text, type CodeTables, type Filter, type FilterCall } from './template-filters.js';

export type TemplateValues = Readonly<Record<string, unknown>>;

/** Renders one template. Throws HubError `template-value` where a filter cannot turn a value. */
export type Template = (values: TemplateValues) => Json | undefined;

export interface TemplateScope {
  /** What may be named: `owner` and everything under it (`owner`, `window.from`), or exactly a dotted path (`secret.apiKey`). */
  readonly variables: readonly string[];
  /** Code tables of the manifest, raw → canonical; `|code:TABLE` goes the other way. */
  readonly codes?: CodeTables;
}

export interface TemplateIssue {
  /** Where in the template: keys and positions from its root. */
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type TemplateBuild =
  { readonly ok: true; readonly render: Template } | { readonly ok: false; readonly issues: readonly TemplateIssue[] };

type TextPart = string | Expression;
interface Expression {
  readonly steps: readonly string[];
  readonly filters: readonly Filter[];
}
type Reading = { readonly part: Expression; readonly end: number } | { readonly message: string };

/** Compiles a template of any shape once; all mistakes are found now, with their path. */
export function compileTemplate(source: Json, scope: TemplateScope): TemplateBuild {
  const issues: TemplateIssue[] = [];
  const render = compileNode(source, { scope, issues, path: [] });
  return issues.length === 0 ? { ok: true, render } : { ok: false, issues };
}

/** Compiles a template or throws HubError `bad-template` naming `where` and all its mistakes. */
export function compileOrThrow(source: Json, scope: TemplateScope, where: string): Template {
  const built = compileTemplate(source, scope);
  if (built.ok) return built.render;
  const mistakes = built.issues.map((issue) => [...issue.path, issue.message].join(': ')).join('; ');
  throw new HubError({
    code: 'bad-template',
    next: 'fix-config',
    message: `The template at ${where} is wrong: ${mistakes}.`,
    detail: { where },
  });
}

/** The same for a template that always yields text: nothing for null and undefined. */
export function compileText(source: string, scope: TemplateScope, where: string): (values: TemplateValues) => string {
  const render = compileOrThrow(source, scope, where);
  return (values) => text(render(values));
}

interface Site {
  readonly scope: TemplateScope;
  readonly issues: TemplateIssue[];
  readonly path: readonly (string | number)[];
}

function compileNode(source: Json, site: Site): Template {
  if (typeof source === 'string') return compileString(source, site);
  if (source === null || typeof source !== 'object') return () => source;
  if (isList(source)) {
    const parts = source.map((part, index) => compileNode(part, { ...site, path: [...site.path, index] }));
    return (values) => parts.map((part) => part(values)).filter((part): part is Json => part !== undefined);
  }
  const entries = Object.entries(source).map(
    ([key, part]) => [key, compileNode(part, { ...site, path: [...site.path, key] })] as const,
  );
  return (values) => {
    const rendered: Record<string, Json> = {};
    for (const [key, part] of entries) {
      const value = part(values);
      if (value !== undefined) rendered[key] = value;
    }
    return rendered;
  };
}

function isList(source: Exclude<Json, null | boolean | number | string>): source is readonly Json[] {
  return Array.isArray(source);
}

function compileString(source: string, site: Site): Template {
  const parts = readParts(source, site);
  const [first, second] = parts;
  if (first === undefined) return () => '';
  if (second === undefined)
    return typeof first === 'string' ? () => first : (values) => evaluate(first, values) as Json | undefined;
  return (values) => {
    let rendered = '';
    for (const part of parts) rendered += typeof part === 'string' ? part : text(evaluate(part, values));
    return rendered;
  };
}

/** Splits at `${…}`; mistakes go to the site's issues. */
function readParts(source: string, site: Site): readonly TextPart[] {
  const parts: TextPart[] = [];
  let literal = '';
  let at = 0;
  while (at < source.length) {
    const next = source.indexOf('${', at);
    if (next < 0) break;
    if (next > at && source[next - 1] === '$') {
      literal += `${source.slice(at, next - 1)}\${`;
      at = next + 2;
      continue;
    }
    literal += source.slice(at, next);
    const reading = readExpression(source, next + 2, site.scope);
    if ('message' in reading) {
      site.issues.push({ path: site.path, message: reading.message });
      return [];
    }
    if (literal !== '') parts.push(literal);
    literal = '';
    parts.push(reading.part);
    at = reading.end;
  }
  literal += source.slice(at);
  if (literal !== '') parts.push(literal);
  return parts;
}

function readExpression(source: string, start: number, scope: TemplateScope): Reading {
  const end = closingBrace(source, start);
  if (end < 0) return { message: '"${" is never closed; write "$${" for a literal' };
  const [name = '', ...calls] = splitOutsideQuotes(source.slice(start, end), '|').map((part) => part.trimStart());
  const variable = name.trim();
  if (!/^[A-Za-z_][\w-]*(?:\.[\w-]+)*$/.test(variable)) return { message: `"${variable}" is not a variable name` };
  if (!isInScope(variable, scope.variables)) {
    return { message: `unknown variable "${variable}"; known here: ${scope.variables.join(', ') || 'none'}` };
  }
  const filters: Filter[] = [];
  for (const call of calls) {
    const built = buildFilter(readCall(call), scope.codes ?? {});
    if (!built.ok) return { message: built.message };
    filters.push(built.filter);
  }
  return { part: { steps: variable.split('.'), filters }, end: end + 1 };
}

function isInScope(variable: string, known: readonly string[]): boolean {
  return known.some((name) => variable === name || variable.startsWith(`${name}.`));
}

function readCall(call: string): FilterCall {
  const colon = call.indexOf(':');
  if (colon < 0) return { name: call.trim(), argument: null };
  const argument = call.slice(colon + 1);
  const quoted = /^'(.*)'\s*$/s.exec(argument);
  return { name: call.slice(0, colon).trim(), argument: quoted ? (quoted[1] ?? '') : argument };
}

function closingBrace(source: string, start: number): number {
  let isQuoted = false;
  for (let index = start; index < source.length; index += 1) {
    if (source[index] === "'") isQuoted = !isQuoted;
    else if (source[index] === '}' && !isQuoted) return index;
  }
  return -1;
}

function splitOutsideQuotes(expression: string, separator: string): string[] {
  const parts: string[] = [];
  let isQuoted = false;
  let start = 0;
  for (let index = 0; index < expression.length; index += 1) {
    if (expression[index] === "'") isQuoted = !isQuoted;
    else if (expression[index] === separator && !isQuoted) {
      parts.push(expression.slice(start, index));
      start = index + 1;
    }
  }
  return [...parts, expression.slice(start)];
}

function evaluate(expression: Expression, values: TemplateValues): unknown {
  let value: unknown = values;
  for (const step of expression.steps) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, step)) {
      value = undefined;
      break;
    }
    value = (value as Readonly<Record<string, unknown>>)[step];
  }
  for (const filter of expression.filters) value = filter(value);
  return value;
}
