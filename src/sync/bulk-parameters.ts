/** How long lists travel to PostgreSQL as one parameter each, without escaping what cannot need it. */

/** A text array of values without quotes, commas, braces, backslashes or blanks: hex, uuids, codes. null is NULL. */
export function plainArray(values: readonly (string | null)[]): string {
  let text = '{';
  for (let index = 0; index < values.length; index += 1) text += (index === 0 ? '' : ',') + (values[index] ?? 'NULL');
  return `${text}}`;
}

const SEPARATOR = Buffer.from([0x1e]);

/** The same as `jsonSequence`, as UTF-8: read with `string_to_array(convert_from($n, 'UTF8'), E'\\x1e')`. */
export function jsonBytes(bodies: readonly (string | Buffer)[]): Buffer {
  const parts: Buffer[] = [];
  for (const body of bodies) {
    if (parts.length > 0) parts.push(SEPARATOR);
    parts.push(typeof body === 'string' ? Buffer.from(body) : body);
  }
  return Buffer.concat(parts);
}

/**
 * JSON texts joined by U+001E, which JSON never holds unescaped; read with `string_to_array($n, E'\\x1e')`.
 * Measured against an array parameter for bodies of 1 KB: a third of the time, because nothing is escaped.
 */
export function jsonSequence(bodies: readonly string[]): string {
  return bodies.join('\u001e');
}
