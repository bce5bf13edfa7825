/** Where the next page of a read is, and whether the end is proved: one pager per paging style of the manifest language. */
import { compileValuePath, type ValueGetter } from '../mapping/compile-path.js';
import { exactNumberText, scalarText } from '../mapping/scalar-text.js';
import type { Paging } from '../read.schema.js';
import { nextLinkOf } from './link-header.js';

/** A place in a listing; null = its beginning. Short and free of secrets: it is stored in the checkpoint. */
export type Position = string | number | null;

export interface PageReply {
  readonly body: unknown;
  readonly headers: Readonly<Record<string, string>>;
  /** What was asked, without query: the base of relative links. */
  readonly url: string;
  readonly position: Position;
  /** Rows on this page, and on all pages up to and with it. */
  readonly rowCount: number;
  readonly rowsSeen: number;
}

/** `proved` false: the reply does not say that this was the last page. */
export type PageVerdict =
  { readonly type: 'next'; readonly position: Position } | { readonly type: 'end'; readonly proved: boolean };

export interface Pager {
  readonly type: Paging['type'];
  readonly maxPages: number;
  /** The template variables that say where a request begins. */
  variables(position: Position): Readonly<Record<string, string | number>>;
  judge(reply: PageReply): PageVerdict;
  /** How many rows the reply says there are in all; null where it does not. */
  totalOf(body: unknown): number | null;
}

/** The variable through which a request of this style says where it begins; null where the URL itself does. */
export const POSITION_VARIABLE: Readonly<Record<Paging['type'], string | null>> = {
  none: null,
  cursor: 'cursor',
  page: 'page',
  offset: 'offset',
  'next-link': null,
  scroll: 'scroll',
};

const PROVED: PageVerdict = { type: 'end', proved: true };
const NOT_PROVED: PageVerdict = { type: 'end', proved: false };

export function compilePager(paging: Paging, stripParameters: readonly string[] = []): Pager {
  const total = paging.total === undefined ? null : compileValuePath(paging.total);
  const totalOf = (body: unknown): number | null => (total === null ? null : wholeNumber(total(body)));
  const common = { type: paging.type, maxPages: paging.type === 'none' ? 1 : paging.maxPages, totalOf };
  switch (paging.type) {
    case 'none':
      return { ...common, variables: () => ({}), judge: () => PROVED };
    case 'cursor':
      return {
        ...common,
        variables: (position) => (position === null ? {} : { cursor: position }),
        judge: cursorJudge(paging, totalOf),
      };
    case 'page':
      return {
        ...common,
        variables: (position) => ({ page: position ?? paging.first }),
        judge: pageJudge(paging, totalOf),
      };
    case 'offset':
      return { ...common, variables: (position) => ({ offset: position ?? 0 }), judge: offsetJudge(paging, totalOf) };
    case 'next-link':
      return { ...common, variables: () => ({}), judge: linkJudge(paging, stripParameters) };
    case 'scroll':
      return {
        ...common,
        variables: (position) => (position === null ? {} : { scroll: position }),
        judge: scrollJudge(paging),
      };
  }
}

type TotalOf = (body: unknown) => number | null;
type Of<T extends Paging['type']> = Extract<Paging, { type: T }>;

function cursorJudge(paging: Of<'cursor'>, totalOf: TotalOf): Pager['judge'] {
  const next = compileValuePath(paging.next);
  const more = paging.more === undefined ? null : compileValuePath(paging.more);
  return (reply) => {
    if (isLastByRows(reply, paging.lastPage, paging.size)) return PROVED;
    const isMore = more === null ? undefined : truth(more(reply.body));
    if (isMore === false) return PROVED;
    const cursor = next(reply.body);
    const position = positionOf(cursor);
    if (position !== null) return { type: 'next', position };
    if (isMore === true) return NOT_PROVED;
    const saysSo = saysNothingMore(cursor, paging.absent);
    return saysSo || totalOf(reply.body) === reply.rowsSeen ? PROVED : NOT_PROVED;
  };
}

function pageJudge(paging: Of<'page'>, totalOf: TotalOf): Pager['judge'] {
  const pages = paging.pages === undefined ? null : compileValuePath(paging.pages);
  const more = paging.more === undefined ? null : compileValuePath(paging.more);
  return (reply) => {
    const page = typeof reply.position === 'number' ? reply.position : paging.first;
    const isLast = firstKnown([
      () => isLastOfPages(pages === null ? null : wholeNumber(pages(reply.body)), page - paging.first + 1),
      () => negated(more === null ? undefined : truth(more(reply.body))),
      () => isLastByTotal(totalOf(reply.body), reply),
      () => (paging.lastPage === undefined ? undefined : isLastByRows(reply, paging.lastPage, paging.size)),
    ]);
    return verdictOf(isLast, reply, page + 1);
  };
}

function offsetJudge(paging: Of<'offset'>, totalOf: TotalOf): Pager['judge'] {
  const more = paging.more === undefined ? null : compileValuePath(paging.more);
  return (reply) => {
    const offset = typeof reply.position === 'number' ? reply.position : 0;
    const isLast = firstKnown([
      () => negated(more === null ? undefined : truth(more(reply.body))),
      () => isLastByTotal(totalOf(reply.body), reply),
      () => (paging.lastPage === undefined ? undefined : isLastByRows(reply, paging.lastPage, paging.limit)),
    ]);
    return verdictOf(isLast, reply, offset + (paging.advance === 'limit' ? paging.limit : reply.rowCount));
  };
}

function linkJudge(paging: Of<'next-link'>, stripParameters: readonly string[]): Pager['judge'] {
  const path: ValueGetter | null = paging.path === undefined ? null : compileValuePath(paging.path);
  return (reply) => {
    const link = path === null ? nextLinkOf(reply.headers['link'] ?? '') : path(reply.body);
    if (typeof link === 'string' && link.trim() !== '')
      return { type: 'next', position: resolveLink(link.trim(), reply.url, stripParameters) };
    return path === null || saysNothingMore(link, paging.absent) ? PROVED : NOT_PROVED;
  };
}

function scrollJudge(paging: Of<'scroll'>): Pager['judge'] {
  const id = compileValuePath(paging.id);
  return (reply) => {
    if (reply.rowCount === 0) return PROVED;
    const position = positionOf(id(reply.body));
    return position === null ? NOT_PROVED : { type: 'next', position };
  };
}

/** Unknown ends and empty pages before the end stop the walk without proof: such a listing may go on for ever. */
function verdictOf(isLast: boolean | undefined, reply: PageReply, next: number): PageVerdict {
  if (isLast === true) return PROVED;
  if (isLast === undefined || reply.rowCount === 0) return NOT_PROVED;
  return { type: 'next', position: next };
}

function firstKnown(signs: readonly (() => boolean | undefined)[]): boolean | undefined {
  for (const sign of signs) {
    const answer = sign();
    if (answer !== undefined) return answer;
  }
  return undefined;
}

function isLastOfPages(pages: number | null, pageNo: number): boolean | undefined {
  return pages === null ? undefined : pageNo >= pages;
}

function isLastByTotal(total: number | null, reply: PageReply): boolean | undefined {
  return total === null ? undefined : reply.rowsSeen >= total;
}

function isLastByRows(reply: PageReply, lastPage: 'empty' | 'short' | undefined, size: number | undefined): boolean {
  if (lastPage === undefined) return false;
  return reply.rowCount === 0 || (lastPage === 'short' && size !== undefined && reply.rowCount < size);
}

function negated(answer: boolean | undefined): boolean | undefined {
  return answer === undefined ? undefined : !answer;
}

/** True and false as systems write them; undefined for anything else. */
function truth(value: unknown): boolean | undefined {
  const text = scalarText(value)?.toLowerCase();
  if (text === 'true' || text === '1' || text === 'y') return true;
  return text === 'false' || text === '0' || text === 'n' ? false : undefined;
}

/** `null`, nothing or `false` in the place of a next page ends a listing; a list, a map or `true` there is no place and no end. */
function saysNothingMore(next: unknown, absent: 'end' | undefined): boolean {
  if (next === undefined) return absent === 'end';
  return next === null || next === false || (typeof next === 'string' && next.trim() === '');
}

/** A number too large for JavaScript is a place too: many systems count in nineteen digits. */
function positionOf(value: unknown): Position {
  if (typeof value === 'number') return value;
  const digits = exactNumberText(value);
  if (digits !== undefined) return digits;
  return typeof value === 'string' && value !== '' ? value : null;
}

function wholeNumber(value: unknown): number | null {
  const text = typeof value === 'boolean' ? undefined : scalarText(value);
  if (text === undefined || !/^\d{1,12}$/.test(text)) return null;
  return Number(text);
}

/** An absolute link without the parameters that carry credentials: they are added anew to every request. */
function resolveLink(link: string, base: string, stripParameters: readonly string[]): string {
  if (!URL.canParse(link, base)) return link;
  const url = new URL(link, base);
  for (const name of stripParameters) url.searchParams.delete(name);
  return url.href;
}
