/** A column of sealed values, as its room declares it: what `buduan keys rotate` seals again under the current key. */

export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The primary key after the tenant, in its order. */
  readonly key: readonly { readonly name: string; readonly type: 'uuid' | 'text' }[];
  /** Values taken at once, where they are large; absent = as many as asked for. */
  readonly most?: number;
  /** What stands as the row in the seal. */
  readonly rowIdOf: (key: readonly string[]) => string;
}

export function sealedPlaceName({ table, column }: Pick<SealedColumn, 'table' | 'column'>): string {
  return `${table}.${column}`;
}
