/** What a raw row looks like without any of its values: key names and kinds only. */

/** Deeper levels and further keys are shown as `…`. */
const MAX_DEPTH = 4;
const MAX_KEYS = 40;

/** `{ id: text(18), gross: list of 12 number, jobs: list of 1 { company: text(6) } }` */
export function rowShape(value: unknown, depth = 0): string {
  if (value === null) return 'null';
  switch (typeof value) {
    case 'string':
      return value === '' ? 'empty text' : `text(${value.length})`;
    case 'number':
    case 'boolean':
      return typeof value;
    case 'object':
      return depth >= MAX_DEPTH ? '…' : Array.isArray(value) ? listShape(value, depth) : mapShape(value, depth);
    default:
      return 'nothing';
  }
}

function listShape(list: readonly unknown[], depth: number): string {
  return list.length === 0 ? 'empty list' : `list of ${list.length} ${rowShape(list[0], depth + 1)}`;
}

function mapShape(map: object, depth: number): string {
  const entries = Object.entries(map);
  const shown = entries.slice(0, MAX_KEYS).map(([key, value]) => `${shownKey(key)}: ${rowShape(value, depth + 1)}`);
  return `{ ${[...shown, ...(entries.length > MAX_KEYS ? ['…'] : [])].join(', ')} }`;
}

/** Some systems use ids as keys: long runs of digits are not shown. */
function shownKey(key: string): string {
  return /\d{6}/.test(key) || key.length > 40 ? '<key>' : key;
}
