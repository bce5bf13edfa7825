/** Pages of what waits for a second person, in order of waiting, whichever room keeps it. */

export interface AwaitingFilter {
  readonly tenantId: string;
  /** Behind this one, in order of `since` (whole milliseconds) and the text of the id; null = from the first. */
  readonly after: { readonly since: Date; readonly id: string } | null;
  /** 1–1001. */
  readonly limit: number;
  /** Only this one; null = all. */
  readonly id: string | null;
}

/** `$1` tenant, `$2` the only id, `$3` and `$4` the place behind which the page begins, `$5` how many. */
export function awaitingParameters({ tenantId, id, after, limit }: AwaitingFilter): unknown[] {
  return [tenantId, id, after?.since ?? null, after?.id ?? '', Math.min(Math.max(limit, 1), 1001)];
}

/** The end of the statement: only the page. `since` and `id` are columns, selected under these names. */
export function awaitingPage({ since, id }: { readonly since: string; readonly id: string }): string {
  return `AND ($2::uuid IS NULL OR ${id} = $2::uuid)
        AND ($3::timestamptz IS NULL
             OR (date_trunc('milliseconds', ${since}), ${id}::text COLLATE "C") > ($3::timestamptz, $4::text COLLATE "C"))
      ORDER BY since, id LIMIT $5`;
}

/** What every such statement selects first. */
export function awaitingColumns({ since, id }: { readonly since: string; readonly id: string }): string {
  return `${id}::text COLLATE "C" AS id, date_trunc('milliseconds', ${since}) AS since`;
}
