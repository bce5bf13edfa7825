/** How a dotted path or a `jmespath:` expression of a manifest becomes a function that finds its value in a row. */
import jmespath from 'jmespath';
import { Refusal, refusal } from './refusal.js';

/** What a field is read from: the row (or expanded element) and, after expansion, the row it came from. */
export interface Scope {
  row: unknown;
  parent: unknown;
}

/** Undefined = not there. */
export type Getter = (scope: Scope) => unknown;
export type ValueGetter = (value: unknown) => unknown;

export const JMESPATH_PREFIX = 'jmespath:';
const PARENT_PREFIX = 'parent.';
const FORBIDDEN_STEPS: ReadonlySet<string> = new Set(['__proto__', 'prototype', 'constructor']);
const EXPRESSION_FAILED = refusal('expression-failed');

/** What is wrong with a path, for the author of the manifest; null when it is sound. */
export function pathProblem(path: string): string | null {
  if (path.startsWith(JMESPATH_PREFIX)) return expressionProblem(path.slice(JMESPATH_PREFIX.length));
  if (path === '.') return null;
  for (const step of path.split('.')) {
    if (step.trim() === '') return 'has an empty step; expected names separated by single dots';
    if (FORBIDDEN_STEPS.has(step)) return `must not use the step "${step}"`;
  }
  return null;
}

/** A path over a plain value: `data.list`, `items.0.id`, `.` for the value itself, `jmespath: …`. */
export function compileValuePath(path: string): ValueGetter {
  if (path === '.') return (value) => value;
  if (path.startsWith(JMESPATH_PREFIX)) return compileExpression(path.slice(JMESPATH_PREFIX.length));
  const steps = path.split('.');
  const [first = '', second] = steps;
  if (second === undefined) return (value) => step(value, first);
  if (steps.length === 2) return (value) => step(step(value, first), second);
  return (value) => {
    let at = value;
    for (const name of steps) at = step(at, name);
    return at;
  };
}

/** A path over a row; with `withParent`, `parent.x` reads the row that was expanded. */
export function compilePath(path: string, options: { readonly withParent: boolean }): Getter {
  if (options.withParent && path.startsWith(PARENT_PREFIX)) {
    const inParent = compileValuePath(path.slice(PARENT_PREFIX.length));
    return (scope) => inParent(scope.parent);
  }
  if (path.startsWith(JMESPATH_PREFIX)) {
    const search = compileExpression(path.slice(JMESPATH_PREFIX.length));
    return options.withParent ? (scope) => search(withParent(scope)) : (scope) => search(scope.row);
  }
  if (path !== '.' && !path.includes('.')) return (scope) => step(scope.row, path);
  const inRow = compileValuePath(path);
  return (scope) => inRow(scope.row);
}

function step(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? (value as Readonly<Record<string, unknown>>)[name] : undefined;
}

function withParent(scope: Scope): unknown {
  const { row, parent } = scope;
  return typeof row === 'object' && row !== null && !Array.isArray(row) ? { ...row, parent } : { value: row, parent };
}

function expressionProblem(expression: string): string | null {
  try {
    // The published types leave this function out.
    (jmespath as unknown as { compile(text: string): unknown }).compile(expression.trim());
    return null;
  } catch {
    return 'is not a JMESPath expression; see https://jmespath.org for the language';
  }
}

function compileExpression(expression: string): ValueGetter {
  const trimmed = expression.trim();
  return (value) => {
    try {
      return jmespath.search(value, trimmed) as unknown;
    } catch {
      return EXPRESSION_FAILED;
    }
  };
}

/** True for a value that a path answered with a refusal instead of a value. */
export function isRefusal(value: unknown): value is Refusal {
  return value instanceof Refusal;
}
