/** How the cases written for clerks become questions: yuan, wages by year or month, employments. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from 'yaml';
import { type Fen, parseYuan } from '../../src/domain/fen.js';
import { type Month, day, month, monthsOf, parseMonth } from '../../src/domain/month.js';
import type { EmploymentTerms } from '../../src/policy/basis.js';

export type WageText = Readonly<Record<string, string>>;

export interface EmploymentText {
  readonly hiredOn?: string;
  readonly leftOn?: string;
  readonly startWage?: string;
}

/** Name and case, in the order of the file. */
export function casesOf<T>(file: string): [string, T][] {
  const text = readFileSync(fileURLToPath(new URL(file, import.meta.url)), 'utf8');
  const { cases } = parse(text) as { readonly cases: readonly (T & { readonly name: string })[] };
  return cases.map((each) => [each.name, each]);
}

export function yuanOf(text: string): Fen {
  const amount = parseYuan(text);
  if (amount === null) throw new Error(`"${text}" is not an amount of yuan.`);
  return amount;
}

/** A year stands for its twelve months; a later line goes before an earlier one. */
export function wagesOf(...tables: readonly WageText[]): Map<Month, Fen> {
  const paid = new Map<Month, Fen>();
  for (const [when, amount] of tables.flatMap((table) => Object.entries(table))) {
    const single = parseMonth(when);
    const months = single === null ? monthsOf(month(`${when}-01`), month(`${Number(when) + 1}-01`)) : [single];
    for (const each of months) paid.set(each, yuanOf(amount));
  }
  return paid;
}

/** Employed since long ago unless the case says otherwise. */
export function employmentOf({ hiredOn = '2010-01-01', leftOn, startWage }: EmploymentText): EmploymentTerms {
  return {
    hiredOn: day(hiredOn),
    leftOn: leftOn === undefined ? null : day(leftOn),
    startWageFen: startWage === undefined ? null : yuanOf(startWage),
  };
}
