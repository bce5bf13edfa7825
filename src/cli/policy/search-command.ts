/** `buduan policy search`: which regions a name, pinyin, initials or a part of a code mean. */
import type { Command } from 'commander';
import { dayInZone, systemClock } from '../../platform/clock/clock.js';
import type { PolicyBook } from '../../policy/book.js';
import type { Region } from '../../policy/region-tree.js';
import { limitOption } from '../option-parsers.js';
import { openPolicy, policyCommand, type PolicyOptions } from './open-policy.js';

interface SearchOptions extends PolicyOptions {
  readonly limit: number;
}

export function registerSearchCommand(policy: Command): void {
  policyCommand(policy, 'search <text>', 'regions by code, name, pinyin or initials: 深圳, shenzhen, sz, 440300')
    .option('--limit <count>', 'at most this many, 1–1000', limitOption, 20)
    .action(searchCommand);
}

async function searchCommand(text: string, options: SearchOptions): Promise<void> {
  const { book, terminal } = await openPolicy(options);
  // Of places that fit equally well, the one with most figures of its own is most likely meant: sz is Shenzhen before Suizhou.
  const hits = book.regions
    .search(text, dayInZone(systemClock.now()))
    .map(({ region, rank }) => ({ region, rank, values: valuesOf(book, region) }))
    .sort((a, b) => a.rank - b.rank || b.values - a.values);
  const shown = hits.slice(0, options.limit).map(({ region, values }) => ({ ...region, values }));
  if (hits.length === 0) terminal.say('No region fits. Try a part of a name, pinyin, initials or a code.');
  else {
    terminal.table(
      ['code', 'name', 'English', 'pinyin', 'under', 'own values', 'remarks'],
      shown.map((region) => [
        region.code,
        region.zh,
        region.en,
        region.pinyin,
        underOf(book, region),
        region.values,
        remarksOf(region),
      ]),
    );
    if (hits.length > shown.length) terminal.say(`… and ${hits.length - shown.length} more; --limit shows them`);
  }
  terminal.json({ text, found: hits.length, regions: shown });
}

/** Values set for the region itself; everything else it inherits. */
function valuesOf(book: PolicyBook, { code }: Region): number {
  return book.records.filter((record) => record.region === code).length;
}

function underOf(book: PolicyBook, { code }: Region): string {
  return book.regions
    .chain(code)
    .slice(1, -1)
    .map(({ short }) => short)
    .join(' · ');
}

function remarksOf({ kind, from, until, successors, aliases }: Region): string {
  return [
    ...(kind === 'not-covered' ? ['not covered'] : []),
    ...(from === null ? [] : [`since ${from}`]),
    ...(until === null ? [] : [`until ${until}, then ${successors.join(', ')}`]),
    ...(aliases.length === 0 ? [] : [`also ${aliases.join(', ')}`]),
  ].join('; ');
}
