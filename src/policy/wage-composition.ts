/** How much of an itemised pay sheet is wage in the sense of the contribution base, and by which article. */
import { type Fen, ZERO_FEN, addFen } from '../domain/fen.js';
import { WAGE_ITEMS, WAGE_ORDER, type WageItemKind, type WageItemRule, isWageItemKind } from './wage-items.js';
import { type Language, yuanText } from './wording.js';

/** One line of a pay sheet, before deductions. */
export interface PaidItem {
  readonly kind: string;
  readonly fen: Fen;
}

export interface JudgedItem extends WageItemRule {
  readonly kind: WageItemKind;
  readonly fen: Fen;
}

export type WageComposition =
  | {
      readonly known: true;
      /** What counts for the base; may be below zero where a correction takes back more than was paid. */
      readonly wageFen: Fen;
      readonly excludedFen: Fen;
      readonly items: readonly JudgedItem[];
      /** The sum, then every line with its article. */
      readonly explanation: { readonly zh: readonly string[]; readonly en: readonly string[] };
    }
  /** Lines that no article was named for: whether they count is not guessed. */
  | { readonly known: false; readonly unknownKinds: readonly string[] };

/** Sums what articles 5–10 count and leaves out what article 11 names. An item nobody mapped makes the whole unknown. */
export function composeWage(paid: readonly PaidItem[]): WageComposition {
  const items: JudgedItem[] = [];
  const unknownKinds = new Set<string>();
  for (const { kind, fen } of paid) {
    if (isWageItemKind(kind)) items.push({ kind, fen, ...WAGE_ITEMS[kind] });
    else unknownKinds.add(kind);
  }
  if (unknownKinds.size > 0) return { known: false, unknownKinds: [...unknownKinds].sort() };
  const sumOf = (counts: boolean): Fen =>
    addFen(ZERO_FEN, ...items.filter((item) => item.counts === counts).map((item) => item.fen));
  const wageFen = sumOf(true);
  const excludedFen = sumOf(false);
  return { known: true, wageFen, excludedFen, items, explanation: explain({ wageFen, excludedFen, items }) };
}

type Sums = Omit<Extract<WageComposition, { readonly known: true }>, 'known' | 'explanation'>;

function explain(sums: Sums): { readonly zh: readonly string[]; readonly en: readonly string[] } {
  const inOne = (language: Language): string[] => [
    headline(sums, language),
    ...sums.items.map((item) => itemLine(item, language)),
  ];
  return { zh: inOne('zh'), en: inOne('en') };
}

function headline({ wageFen, excludedFen }: Sums, language: Language): string {
  return language === 'zh'
    ? `计入工资总额 ${yuanText(wageFen)} 元，不计入 ${yuanText(excludedFen)} 元（${WAGE_ORDER.documentNo}《${WAGE_ORDER.source}》）`
    : `${yuanText(wageFen)} yuan are wage, ${yuanText(excludedFen)} yuan are not (Order No. 1 of 1990, National Bureau of Statistics)`;
}

function itemLine({ words, fen, article, clause, counts }: JudgedItem, language: Language): string {
  if (language === 'zh') {
    const place = `第${article}条${clause === null ? '' : `第${clause}项`}`;
    return `${words.zh} ${yuanText(fen)}：${counts ? '计入' : '不计入'}，${place}`;
  }
  const place = `art. ${article}${clause === null ? '' : `(${clause})`}`;
  return `${words.en} ${yuanText(fen)}: ${counts ? 'counts' : 'does not count'}, ${place}`;
}
