/** How pages are written: templates whose every value is escaped, unless it is a piece of a page itself. */

const piece: unique symbol = Symbol('html');

/** A piece of a page, safe to stand in another. */
export interface Html {
  readonly [piece]: string;
}

type Value = string | number | Html | readonly Html[];

/** Values are escaped for text and for attributes in double quotes; nothing else may hold one. */
export function html(parts: TemplateStringsArray, ...values: readonly Value[]): Html {
  const text = parts.map((part, at) => `${part}${at < values.length ? written(values[at]) : ''}`).join('');
  return { [piece]: text };
}

export const NOTHING: Html = html``;

export function textOf(page: Html): string {
  return page[piece];
}

function written(value: Value | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'string' || typeof value === 'number') return escaped(String(value));
  return isList(value) ? value.map(textOf).join('') : textOf(value);
}

function isList(value: Html | readonly Html[]): value is readonly Html[] {
  return Array.isArray(value);
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}
