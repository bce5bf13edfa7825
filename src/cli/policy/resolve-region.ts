/** Which region a person means: by code, Chinese name, pinyin or English name; else an error with what was expected. */
import { HubError } from '../../domain/hub-error.js';
import type { Day } from '../../domain/month.js';
import { nearestWord } from '../../platform/config/check-schema.js';
import type { PolicyBook } from '../../policy/book.js';
import { isInForce, type Region } from '../../policy/region-tree.js';
import type { Terminal } from '../terminal.js';

const MOST_SHOWN = 8;

/** Throws `unknown-region`, `which-region` or `region-not-covered`. `on` decides which of several codes of one place counts. */
export function resolveRegion(book: PolicyBook, text: string, on: Day): Region {
  const resolved = book.regions.resolve(text, on);
  switch (resolved.kind) {
    case 'one':
      if (resolved.region.kind === 'not-covered')
        throw regionError(
          'region-not-covered',
          `${nameOf(resolved.region)} has a social insurance of its own, which this policy does not cover.`,
        );
      return resolved.region;
    case 'several':
      throw regionError(
        'which-region',
        `"${shown(text)}" is the name of several regions; give the code: ${resolved.regions.map(nameOf).join(', ')}.`,
      );
    case 'none':
      throw regionError(
        'unknown-region',
        `No region is called "${shown(text)}"; expected a code of GB/T 2260, a name or pinyin${suggestions(book, text, on)}.`,
      );
  }
}

/** Says it when a code did not count in the month asked for, and which codes do. */
export function noteValidity(region: Region, on: Day, terminal: Terminal): void {
  if (isInForce(region, on)) return;
  const followers = region.successors.length === 0 ? '' : `; use ${region.successors.join(', ')}`;
  const days =
    region.until !== null && region.until <= on
      ? `was given up on ${region.until}`
      : `counts from ${region.from ?? '?'}`;
  terminal.note(`${nameOf(region)} ${days} (${region.basis ?? 'no basis given'})${followers}.`);
}

export function nameOf({ code, zh }: Region): string {
  return `${code} ${zh}`;
}

function suggestions(book: PolicyBook, text: string, on: Day): string {
  const found = book.regions.search(text, on).map(({ region }) => region);
  const near = found.length > 0 ? found : nearby(book, text);
  return near.length === 0
    ? ', for example 440300, 深圳 or shenzhen'
    : `; near are ${near.slice(0, MOST_SHOWN).map(nameOf).join(', ')}`;
}

/** A slip of the finger in a code or in pinyin; one wrong character in a short Chinese name. */
function nearby(book: PolicyBook, text: string): readonly Region[] {
  const words = book.regions.all.flatMap((region) => [region.code, region.pinyin, region.en, region.short, region.zh]);
  const word = nearestWord(text, words);
  return book.regions.all.filter((region) =>
    [region.code, region.pinyin, region.en, region.short, region.zh].some((each) => each === word),
  );
}

function regionError(code: string, message: string): HubError {
  return new HubError({ code, next: 'fix-config', message });
}

function shown(text: string): string {
  return text.slice(0, 30);
}
