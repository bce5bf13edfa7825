/** How the statements of small transactions are parsed and planned once per connection instead of every time. */
import type { QueryRunner } from 'typeorm';

/** Texts are written in stores and few; a bound in case one is ever put together from values. */
const MOST_STATEMENTS = 500;
const names = new Map<string, string>();

/** From now on this runner's statements with parameters go by name: PostgreSQL keeps them, with their plans. */
export function keepStatements(runner: QueryRunner): void {
  const query = runner.query.bind(runner);
  runner.query = ((sql: string, parameters?: unknown[]) => {
    const name = parameters === undefined ? null : nameOf(sql);
    // TypeORM hands its first argument to the driver as it is, and the driver takes a named statement there.
    return query(name === null ? sql : ({ name, text: sql } as unknown as string), parameters);
  }) as QueryRunner['query'];
}

function nameOf(sql: string): string | null {
  const known = names.get(sql);
  if (known !== undefined) return known;
  if (names.size === MOST_STATEMENTS) return null;
  const name = `buduan_${names.size}`;
  names.set(sql, name);
  return name;
}
