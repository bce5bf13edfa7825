/** One write of a manifest with its request and templates compiled, and what a reply says about each item. */
import { createHash } from 'node:crypto';
import { cleanForeignWords } from '../../domain/foreign-words.js';
import { HubError } from '../../domain/hub-error.js';
import type { Json, WriteItem, WriteKind, WriteOutcome } from '../port.js';
import { compileRequest, type BuiltRequest, type CompiledRequest } from './compile-request.js';
import type { Manifest } from './manifest.schema.js';
import { compileValuePath, type ValueGetter } from './mapping/compile-path.js';
import { scalarText } from './mapping/scalar-text.js';
import { compileOrThrow, type Template, type TemplateScope, type TemplateValues } from './template.js';
import { LINE_VARIABLES, WRITE_VARIABLES, type Results, type Write } from './write.schema.js';

/** An item that can be sent, or why its values do not fit the templates. */
export type RenderedItem =
  { readonly item: WriteItem; readonly rendered: Json } | { readonly item: WriteItem; readonly outcome: WriteOutcome };

/** What request templates of a write may name beside the items. */
export function writeVariables(
  kind: WriteKind,
  configNames: readonly string[],
): { readonly item: readonly string[]; readonly request: (batch: number) => readonly string[] } {
  const config = configNames.map((name) => `config.${name}`);
  const item = [...WRITE_VARIABLES[kind], ...config];
  return { item, request: (batch) => (batch === 1 ? ['items', ...item] : ['items', 'idempotencyKey', ...config]) };
}

export class CompiledWrite {
  private readonly itemTemplate: Template | null;
  private readonly lineTemplate: Template | null;
  private readonly request: CompiledRequest;
  private readonly query: CompiledRequest | null;
  private readonly judge: ResultsJudge | null;
  private readonly ref: ValueGetter | null;

  constructor(
    readonly kind: WriteKind,
    readonly spec: Write,
    private readonly context: { readonly manifest: Manifest; readonly config: TemplateValues },
  ) {
    const { codes, config } = context.manifest;
    const variables = writeVariables(kind, Object.keys(config));
    const itemScope: TemplateScope = { variables: variables.item, codes };
    const where = `writes.${kind}`;
    this.itemTemplate = spec.item === undefined ? null : compileOrThrow(spec.item, itemScope, `${where}.item`);
    const lineScope: TemplateScope = { variables: LINE_VARIABLES, codes };
    this.lineTemplate = spec.lines === undefined ? null : compileOrThrow(spec.lines, lineScope, `${where}.lines`);
    this.request = compileRequest(
      spec.request,
      { variables: variables.request(spec.batch), codes },
      `${where}.request`,
    );
    this.query =
      spec.query === undefined ? null : compileRequest(spec.query.request, itemScope, `${where}.query.request`);
    this.judge = spec.results === undefined ? null : new ResultsJudge(spec.results);
    this.ref = spec.ref === undefined ? null : compileValuePath(spec.ref);
  }

  /** Renders one item; values that a template cannot turn make the item `rejected`, not the whole request. */
  render(item: WriteItem): RenderedItem {
    try {
      return { item, rendered: this.itemTemplate?.(this.valuesOf(item)) ?? null };
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      return {
        item,
        outcome: { operationId: item.operationId, outcome: 'rejected', code: error.code, message: error.message },
      };
    }
  }

  /** The request for rendered items. Throws HubError `template-value`. */
  build(items: readonly { readonly item: WriteItem; readonly rendered: Json }[]): BuiltRequest {
    const key = requestKey(items.map(({ item }) => item.idempotencyKey));
    const [first] = items;
    const single = this.spec.batch === 1 && first !== undefined ? this.valuesOf(first.item) : {};
    const built = this.request.build({
      config: this.context.config,
      ...single,
      items: items.map(({ rendered }) => rendered),
      idempotencyKey: key,
    });
    const { idempotencyKey } = this.spec;
    return idempotencyKey === undefined
      ? built
      : { ...built, headers: { ...built.headers, [idempotencyKey.header]: key } };
  }

  buildQuery(item: WriteItem): BuiltRequest | null {
    return this.query?.build(this.valuesOf(item)) ?? null;
  }

  /** What a successful reply says of each item, in the order of the items. */
  outcomes(items: readonly WriteItem[], body: unknown): readonly WriteOutcome[] {
    if (this.judge !== null)
      return this.judge.outcomes(
        items.map((item) => ({ item, key: this.matchedValue(item, this.spec.results?.matches ?? '') })),
        body,
      );
    const remoteRef = this.ref === null ? null : (scalarText(this.ref(body)) ?? null);
    return items.map(({ operationId }) => ({ operationId, outcome: 'accepted', remoteRef }));
  }

  /** The value of an item that a result row's key must equal; null where the item has none. */
  matchedValue(item: WriteItem, variable: string): string | null {
    const value = compileValuePath(variable)(this.valuesOf(item));
    return scalarText(value) ?? null;
  }

  private valuesOf(item: WriteItem): TemplateValues {
    return {
      ...item.values,
      ...(this.lineTemplate === null ? {} : { lines: linesOf(item.values['lines']).map(this.lineTemplate) }),
      owner: item.ownerKey,
      operationId: item.operationId,
      idempotencyKey: item.idempotencyKey,
      config: this.context.config,
    };
  }
}

function linesOf(lines: Json | undefined): readonly TemplateValues[] {
  return Array.isArray(lines) ? (lines as readonly TemplateValues[]) : [];
}

/** One key for a request: the item's own, or for several items a digest that any order of them shares. */
function requestKey(keys: readonly string[]): string {
  if (keys.length === 1) return keys[0] ?? '';
  return createHash('sha256')
    .update([...keys].sort().join('\n'))
    .digest('hex');
}

interface KeyedItem {
  readonly item: WriteItem;
  readonly key: string | null;
}

class ResultsJudge {
  private readonly rows: ValueGetter;
  private readonly key: ValueGetter;
  private readonly isOk: (row: unknown) => boolean;
  private readonly code: ValueGetter | null;
  private readonly message: ValueGetter | null;
  private readonly ref: ValueGetter | null;

  constructor(private readonly spec: Results) {
    const optional = (path: string | undefined): ValueGetter | null =>
      path === undefined ? null : compileValuePath(path);
    this.rows = compileValuePath(spec.rows);
    this.key = compileValuePath(spec.key);
    this.isOk = okRule(spec.ok);
    this.code = optional(spec.code);
    this.message = optional(spec.message);
    this.ref = optional(spec.ref);
  }

  outcomes(items: readonly KeyedItem[], body: unknown): readonly WriteOutcome[] {
    const found = this.rows(body);
    const rows = Array.isArray(found)
      ? (found as readonly unknown[])
      : found === null && this.spec.unlisted === 'ok'
        ? []
        : null;
    if (rows === null)
      return items.map(({ item }) => ({ operationId: item.operationId, outcome: 'unknown', code: 'results-missing' }));
    const byKey = new Map<string, unknown[]>();
    for (const row of rows) {
      const key = scalarText(this.key(row));
      if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), row]);
    }
    return items.map((keyed) => this.outcomeOf(keyed, byKey));
  }

  /** Several items with one key take its result rows in turn; a single row speaks for all of them. */
  private outcomeOf({ item, key }: KeyedItem, byKey: ReadonlyMap<string, unknown[]>): WriteOutcome {
    const { operationId } = item;
    const rows = key === null ? undefined : byKey.get(key);
    if (rows === undefined) {
      return this.spec.unlisted === 'ok' && key !== null
        ? { operationId, outcome: 'accepted', remoteRef: null }
        : { operationId, outcome: 'unknown', code: 'not-listed' };
    }
    const row = rows.length > 1 ? rows.shift() : rows[0];
    if (this.isOk(row)) return { operationId, outcome: 'accepted', remoteRef: textAt(this.ref, row) ?? null };
    return {
      operationId,
      outcome: 'rejected',
      code: textAt(this.code, row) ?? 'rejected',
      message: cleanForeignWords(textAt(this.message, row) ?? '') ?? '',
    };
  }
}

function okRule(ok: Results['ok']): (row: unknown) => boolean {
  if (ok === undefined) return () => false;
  const get = compileValuePath(ok.path);
  const values: ReadonlySet<unknown> = new Set(ok.in);
  return (row) => values.has(get(row) ?? null);
}

function textAt(get: ValueGetter | null, row: unknown): string | undefined {
  return get === null ? undefined : scalarText(get(row));
}
