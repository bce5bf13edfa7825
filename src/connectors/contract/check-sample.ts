/** Which facts about the first pages of a read say that its manifest is wrong, and what to change. */
import type { IncompleteReason, ReadDeclaration } from '../port.js';
import type { Stream } from '../../domain/records.js';
import { isFileManifest, type AnyManifest } from '../load-any-manifest.js';
import { failed, passed, type ContractCheck } from './contract-report.js';
import { rowShape } from './row-shape.js';
import { keysOf, type Sample } from './sample-read.js';
import { unknownCodes } from './unknown-codes.js';

export interface SampleContext {
  readonly manifest: AnyManifest;
  readonly read: ReadDeclaration;
}

/** Bad numbers happen in real data; more than this share of them is a wrong path or type. */
const MAX_BAD_IDENTITIES = 0.2;

const END_ADVICE: Readonly<Record<IncompleteReason, string>> = {
  'end-not-proved': 'declare what proves the end: paging.total, more, pages, lastPage, or absent: end',
  'repeated-page':
    'the system repeats a page: check that the request uses the paging variable, and declare pages or total so that no page past the end is asked for',
  'repeated-cursor': 'the system gives the same cursor again: check paging.next, or declare more',
  'total-mismatch':
    'the total and the rows differ: check paging.total and rows, and whether the system counts rows it does not show',
  'page-cap': 'raise paging.maxPages or the page size',
  'stale-file': 'export the list anew, or raise maxAgeHours if this system is really read so rarely',
  'source-changed': 'the file was replaced while it was read: let whoever exports it write a new file instead',
  'unexpected-answer':
    'the answer is not about what was asked, or has no list where rows says: check rows, owner and the query that names the persons',
};

export function checkSample(sample: Sample, context: SampleContext): readonly ContractCheck[] {
  return [
    checkEnd(sample, context),
    checkFields(sample, context),
    checkIdentities(sample, context),
    checkCodes(sample, context),
    checkLimits(sample, context),
  ].filter((check) => check !== null);
}

export function checkStable(first: Sample, second: Sample, { read }: SampleContext): ContractCheck {
  const name = `read ${read.name}: stable`;
  const { twice, different } = repetitions(first);
  if (different > 0)
    return failed(
      name,
      `${different} records share person and key with another that says something else`,
      'add fields to "key" until it tells all items of a person apart, or declare revisions',
    );
  const before = keysOf(first.records);
  const after = keysOf(second.records);
  const says = `${before.length} records, the same at a second look${twice > 0 ? `; ${twice} came twice` : ''}`;
  if (before.length === after.length && before.every((key, index) => key === after[index])) return passed(name, says);
  return failed(
    name,
    'a second look at the same pages showed other records',
    'ask for a fixed order if the system can sort, and check that "key" holds no counter or time',
  );
}

/** Records with the key of an earlier one: saying the same, or something else. */
function repetitions({ records }: Sample): { readonly twice: number; readonly different: number } {
  const bodies = new Map<string, string>();
  const counts = { twice: 0, different: 0 };
  for (const record of records) {
    const [key = ''] = keysOf([record]);
    const body = JSON.stringify(record.item);
    const before = bodies.get(key);
    if (before === undefined) bodies.set(key, body);
    else if (before === body) counts.twice += 1;
    else counts.different += 1;
  }
  return counts;
}

function checkEnd({ pages, rows, end, drift }: Sample, { read }: SampleContext): ContractCheck {
  const name = `read ${read.name}: pages`;
  const seen = `${pages} pages, ${rows} rows`;
  if (end === null) return passed(name, `${seen}, more follow`);
  if (end.complete)
    return passed(
      name,
      `${seen}, the end is proved${end.declaredTotal === null ? '' : ` and the total of ${end.declaredTotal} matches`}`,
    );
  const missing = Object.keys(drift).filter((path) => !path.startsWith(`${read.streams[0] ?? ''}.`));
  const where = end.reason === 'unexpected-answer' && missing.length > 0 ? `; no list at ${missing.join(', ')}` : '';
  return failed(name, `${seen}, then ${end.reason}${where}`, END_ADVICE[end.reason]);
}

function checkFields(sample: Sample, { read, manifest }: SampleContext): ContractCheck {
  const name = `read ${read.name}: fields`;
  const wrong = sample.rejected.filter(
    ({ reason, field }) => !isIdentity(reason) && !(reason === 'unknown-code') && field !== '',
  );
  const [first] = wrong;
  if (first === undefined)
    return passed(
      name,
      sample.rows === 0
        ? 'no rows came: nothing could be tested with these months'
        : `${sample.records.length} records from ${sample.rows} rows`,
    );
  const counts = new Map<string, number>();
  for (const { stream, field, reason } of wrong)
    counts.set(`${stream}.${field} ${reason}`, (counts.get(`${stream}.${field} ${reason}`) ?? 0) + 1);
  const told = [...counts].map(([what, count]) => `${what} × ${count}`).join(', ');
  const path = sourceOf(manifest, { read: read.name, stream: first.stream, field: first.field });
  return failed(
    name,
    `${told}; first: ${first.stream}.${first.field} from ${path} in a row like ${rowShape(first.raw)}`,
    adviceFor(first.reason),
  );
}

function sourceOf(
  manifest: AnyManifest,
  place: { readonly read: string; readonly stream: Stream; readonly field: string },
): string {
  const written = manifest.reads[place.read]?.emit[place.stream]?.fields[place.field];
  if (typeof written === 'string') return written;
  return written !== undefined && 'path' in written && written.path !== undefined ? written.path : place.field;
}

function adviceFor(reason: string): string {
  if (reason === 'missing-field')
    return 'compare the path with the row; where the system may leave the value out, add optional, default or empty';
  if (reason === 'row-shape' || reason === 'not-json' || reason === 'not-a-list')
    return 'compare rows, expand and json with the row';
  return 'compare the converter (as, format) with what the system sends';
}

function isIdentity(reason: string): boolean {
  return reason.startsWith('identity-') || reason === 'not-a-string';
}

function checkIdentities(sample: Sample, { read }: SampleContext): ContractCheck | null {
  if (!read.streams.includes('persons')) return null;
  const name = `read ${read.name}: identities`;
  const bad = sample.rejected.filter(({ reason }) => isIdentity(reason));
  const good = sample.records.filter((record) => record.stream === 'persons' && record.identity !== null).length;
  const notText = bad.filter(({ reason }) => reason === 'not-a-string').length;
  const says = `${good} identity numbers parse, ${bad.length} do not`;
  if (notText > 0)
    return failed(
      name,
      `${says}; ${notText} came as numbers and have lost digits`,
      'the system must send identity numbers as text; a JSON number cannot hold 18 digits',
    );
  if (bad.length > (good + bad.length) * MAX_BAD_IDENTITIES)
    return failed(name, says, 'check the path of identity and its idType');
  return passed(name, says);
}

function checkCodes(sample: Sample, { read, manifest }: SampleContext): ContractCheck {
  const name = `read ${read.name}: codes`;
  const { byField } = unknownCodes(manifest, read.name, sample.rejected);
  if (byField.size === 0) return passed(name, 'every code is known');
  const told = [...byField].map(([field, codes]) => `${field}: ${codes.join(' ') || '?'}`).join('; ');
  return failed(
    name,
    `unknown codes in ${told}`,
    'add them to the code table, or say with otherwise what an unknown code means',
  );
}

function checkLimits(sample: Sample, { read, manifest }: SampleContext): ContractCheck | null {
  if (isFileManifest(manifest)) return null;
  const name = `read ${read.name}: limits`;
  const { timeoutMs } = manifest.limits;
  const paging = manifest.reads[read.name]?.paging;
  const declared =
    paging?.type === 'offset' ? paging.limit : paging !== undefined && 'size' in paging ? paging.size : undefined;
  const says = `slowest page ${sample.slowestMs} ms, largest ${sample.largestPage} rows`;
  if (declared !== undefined && read.ownersFrom === null && sample.largestPage > declared)
    return failed(
      name,
      `${says}, declared ${declared}`,
      'the system ignores the page size: correct limit or size in paging',
    );
  if (sample.slowestMs > timeoutMs / 2)
    return failed(name, `${says}, the limit is ${timeoutMs} ms`, 'ask for smaller pages or raise limits.timeoutMs');
  return passed(name, says);
}
