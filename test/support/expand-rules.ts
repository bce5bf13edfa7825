/** Which statements of a migration would break a node of the release before, that still works on the same database. */
import type { MigrationInterface, QueryRunner } from 'typeorm';

export interface Contraction {
  readonly migration: string;
  /** What it does to what was there before, for example `person: drop column x`. */
  readonly what: string;
}

type MigrationClass = new () => MigrationInterface;

/** The statements of `up`, without running them. */
export async function statementsOf(Migration: MigrationClass): Promise<string> {
  const said: string[] = [];
  const runner = { query: (sql: string) => Promise.resolve(said.push(sql)) } as unknown as QueryRunner;
  await new Migration().up(runner);
  return said.map(withoutComments).join(';\n');
}

/** Of migrations in their order: whatever takes away, renames or tightens what an earlier one made. What a migration makes itself it may shape. */
export async function contractionsOf(migrations: readonly MigrationClass[]): Promise<readonly Contraction[]> {
  const before = new Set<string>();
  const found: Contraction[] = [];
  for (const Migration of migrations) {
    const sql = await statementsOf(Migration);
    const migration = new Migration().name ?? Migration.name;
    for (const { table, what } of breaches(sql))
      if (before.has(table)) found.push({ migration, what: `${table}: ${what}` });
    for (const [, name = ''] of sql.matchAll(MADE)) before.add(name);
  }
  return found;
}

const MADE = /\bCREATE (?:OR REPLACE )?(?:UNLOGGED )?(?:TABLE|FUNCTION|VIEW|TYPE) (?:IF NOT EXISTS )?buduan\.(\w+)/g;

interface Breach {
  readonly table: string;
  readonly what: string;
}

/** Everything that may break, whoever made the object: the caller knows what was there before. */
function breaches(sql: string): Breach[] {
  return [
    ...matches(
      sql,
      /\bDROP (TABLE|FUNCTION|VIEW|TYPE) (?:IF EXISTS )?buduan\.(\w+)/g,
      ([, kind]) => `drop ${kind ?? ''}`,
    ),
    ...matches(sql, /\bCREATE OR REPLACE (FUNCTION|VIEW) buduan\.(\w+)/g, ([, kind]) => `replace ${kind ?? ''}`),
    ...matches(sql, /\b(TRUNCATE|DELETE FROM|UPDATE) (?:TABLE )?buduan\.(\w+)/g, ([, verb]) => `${verb ?? ''} of rows`),
    ...matches(sql, /\b(REVOKE) [\w, ]+ ON (?:TABLE )?buduan\.(\w+)/g, () => 'revoke'),
    ...matches(sql, /\bCREATE UNIQUE (INDEX) [\w ]+? ON buduan\.(\w+)/g, () => 'unique index'),
    ...matches(sql, /\bCREATE (?:CONSTRAINT )?(TRIGGER) [^;]*? ON buduan\.(\w+)/g, () => 'trigger'),
    ...matches(sql, /\bDROP (TRIGGER|POLICY) [\w ]+? ON buduan\.(\w+)/g, ([, kind]) => `drop ${kind ?? ''}`),
    ...[...sql.matchAll(/\bALTER TABLE (?:ONLY )?buduan\.(\w+)([^;]*)/g)].flatMap(([, table = '', actions = '']) =>
      actionsOf(actions).flatMap((action) => {
        const what = contraction(action);
        return what === null ? [] : [{ table, what }];
      }),
    ),
  ].map(({ table, what }) => ({ table, what: what.toLowerCase() }));
}

function matches(sql: string, pattern: RegExp, what: (match: RegExpMatchArray) => string): Breach[] {
  return [...sql.matchAll(pattern)].map((match) => ({ table: match[2] ?? '', what: what(match) }));
}

/** Commas inside parentheses divide nothing. */
function actionsOf(text: string): string[] {
  let depth = 0;
  const actions = [''];
  for (const sign of text) {
    depth += sign === '(' ? 1 : sign === ')' ? -1 : 0;
    if (sign === ',' && depth === 0) actions.push('');
    else actions[actions.length - 1] += sign;
  }
  return actions.map((action) => action.replace(/\s+/g, ' ').trim());
}

function contraction(action: string): string | null {
  if (/^DROP\b/i.test(action)) return action.replace(/ (?:IF EXISTS|CASCADE|RESTRICT)\b/gi, '');
  if (/^RENAME\b/i.test(action)) return action;
  if (/^ALTER (?:COLUMN )?\w+ (?:SET NOT NULL|(?:SET DATA )?TYPE)\b/i.test(action)) return action;
  if (/^ADD (?:COLUMN )?(?!CONSTRAINT|CHECK|UNIQUE|PRIMARY|FOREIGN|EXCLUDE)\w+/i.test(action)) {
    const isTight = /\bNOT NULL\b/i.test(action) && !/\bDEFAULT\b|\bGENERATED\b/i.test(action);
    return isTight ? `${action.split(' ').slice(0, 3).join(' ')} not null without default` : null;
  }
  if (/^ADD\b/i.test(action)) return action.replace(/\(.*$/, '').trim();
  return null;
}

/** Line comments of SQL may name what the statements do not do. */
function withoutComments(sql: string): string {
  return sql.replace(/--[^\n]*/g, '');
}
