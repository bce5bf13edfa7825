/** Whether a live system does what its manifest says: the suite behind `buduan connector test`. */
import { addMonths, monthOfDay, type Day } from '../../domain/month.js';
import type { AnyManifest } from '../load-any-manifest.js';
import type { Connection, ReadDeclaration, ReadRequest, StreamRecord } from '../port.js';
import { checkSample, checkStable } from './check-sample.js';
import { checkWriteBack, checkWritesDry } from './check-writes.js';
import { failed, passed, type ContractCheck, type ContractReport } from './contract-report.js';
import { keysOf, sampleRead, type Sample } from './sample-read.js';

export interface ContractOptions {
  readonly manifest: AnyManifest;
  /** An open connection of that manifest. */
  readonly connection: Connection;
  /** The last months before this day are asked for. */
  readonly asOf: Day;
  /** Most pages of each read that are looked at, twice each. */
  readonly pages?: number;
  /** Months asked for. */
  readonly months?: number;
  /** That system's id of a person whose present status and base may be written back; null = nothing is written. */
  readonly writeOwner?: string | null;
  readonly signal: AbortSignal;
}

const DEFAULT_PAGES = 3;
const DEFAULT_MONTHS = 6;

/** Persons asked for alone. */
const TARGETED_OWNERS = 2;

/** Reads only, unless `writeOwner` names a person. Failures of the outside system become checks; nothing personal is told. */
export async function runContract(options: ContractOptions): Promise<ContractReport> {
  const { connection, signal } = options;
  const reachable = await connection.check(signal);
  const checks: ContractCheck[] = [
    reachable.ok
      ? passed('check', reachable.detail)
      : failed(
          'check',
          reachable.message,
          'mend address, credentials or reply rules first; the other checks need an answer',
        ),
  ];
  if (reachable.ok) {
    const run = new ContractRun(options);
    for (const read of inOrder(connection.declaration.reads)) checks.push(...(await run.checkRead(read)));
    checks.push(...checkWritesDry(options.manifest, options.asOf), ...(await run.checkWriteBack()));
  }
  return { ok: checks.every((check) => check.ok), checks };
}

class ContractRun {
  private readonly owners = new Map<string, readonly string[]>();
  private readonly persons: StreamRecord[] = [];

  constructor(private readonly options: ContractOptions) {}

  async checkRead(read: ReadDeclaration): Promise<readonly ContractCheck[]> {
    const { connection, manifest, pages = DEFAULT_PAGES } = this.options;
    const first = await sampleRead(connection, this.requestOf(read), pages);
    if (!first.ok) return [failed(`read ${read.name}: pages`, first.error.message, 'see the message')];
    this.remember(read, first.sample);
    const second = await sampleRead(connection, this.requestOf(read), pages);
    const context = { manifest, read };
    const stable = second.ok
      ? checkStable(first.sample, second.sample, context)
      : failed(`read ${read.name}: stable`, second.error.message, 'see the message');
    const alone = await this.checkTargeted(read, first.sample);
    return [...checkSample(first.sample, context), stable, ...alone, ...(await this.checkFind(read, first.sample))];
  }

  async checkWriteBack(): Promise<readonly ContractCheck[]> {
    const { connection, writeOwner, signal } = this.options;
    if (writeOwner === undefined || writeOwner === null) return [];
    const read = connection.declaration.reads.find(
      (candidate) => candidate.targeted && candidate.streams.includes('persons'),
    );
    const asked =
      read === undefined ? null : await sampleRead(connection, { ...this.requestOf(read), owners: [writeOwner] }, 1);
    const persons = asked?.ok === true ? asked.sample.records : this.persons;
    return checkWriteBack(connection, { owner: writeOwner, persons, signal });
  }

  private remember(read: ReadDeclaration, sample: Sample): void {
    this.owners.set(read.name, [...new Set(sample.records.map((record) => record.ownerKey))].sort());
    this.persons.push(...sample.records.filter((record) => record.stream === 'persons'));
  }

  private requestOf(read: ReadDeclaration): ReadRequest {
    const { asOf, months = DEFAULT_MONTHS, signal } = this.options;
    const open = monthOfDay(asOf);
    const owners = this.owners.get(read.ownersFrom ?? '') ?? [];
    return {
      read: read.name,
      window: { from: addMonths(open, -months), until: open },
      asOf,
      cursor: null,
      owners: null,
      listOwners: (after, limit) =>
        Promise.resolve(owners.filter((owner) => after === null || owner > after).slice(0, limit)),
      signal,
    };
  }

  /** Persons asked for alone must show the same records as in the listing. */
  private async checkTargeted(read: ReadDeclaration, listed: Sample): Promise<readonly ContractCheck[]> {
    if (!read.targeted) return [];
    const name = `read ${read.name}: targeted`;
    const owners = [...new Set(listed.records.map((record) => record.ownerKey))].slice(0, TARGETED_OWNERS);
    if (owners.length === 0) return [passed(name, 'nobody was listed: nothing could be asked for')];
    const asked = await sampleRead(
      this.options.connection,
      { ...this.requestOf(read), owners },
      Number.POSITIVE_INFINITY,
    );
    if (!asked.ok) return [failed(name, asked.error.message, 'see the message')];
    const { sample } = asked;
    if (sample.end?.complete !== true)
      return [
        failed(
          name,
          `asked for ${owners.length} persons, got ${sample.rows} rows: ${sample.end?.reason ?? 'no end'}`,
          'check how the request names the persons: a filter that the system ignores is answered with everybody',
        ),
      ];
    const found = new Set(keysOf(sample.records));
    const missing = keysOf(listed.records.filter((record) => owners.includes(record.ownerKey))).filter(
      (key) => !found.has(key),
    );
    if (missing.length > 0)
      return [
        failed(
          name,
          `${missing.length} records of the listing are missing when their persons are asked for alone`,
          'compare the targeted request with the listing: same months, leavers included',
        ),
      ];
    return [passed(name, `${owners.length} persons asked for alone show what the listing shows`)];
  }

  /** Whoever the listing names is found by identity number, under the same key. */
  private async checkFind(read: ReadDeclaration, listed: Sample): Promise<readonly ContractCheck[]> {
    if (read.finds === undefined) return [];
    const name = `read ${read.name}: find`;
    const known = listed.records.flatMap(({ stream, ownerKey, identity }) =>
      stream === 'persons' && identity !== null ? [{ ownerKey, identity }] : [],
    );
    const wanted = known.slice(0, Math.min(read.finds, TARGETED_OWNERS));
    if (wanted.length === 0) return [passed(name, 'nobody was listed: nobody could be looked for')];
    const identities = wanted.map(({ identity }) => identity);
    const request = { ...this.requestOf(read), identities };
    const asked = await sampleRead(this.options.connection, request, Number.POSITIVE_INFINITY);
    if (!asked.ok) return [failed(name, asked.error.message, 'see the message')];
    const found = new Set(asked.sample.records.map((record) => record.ownerKey));
    const missed = wanted.filter(({ ownerKey }) => !found.has(ownerKey)).length;
    if (missed > 0)
      return [
        failed(
          name,
          `${missed} of ${wanted.length} persons of the listing were not found`,
          'check the request of find',
        ),
      ];
    return [passed(name, `${wanted.length} persons were found by identity number`)];
  }
}

/** Reads after those they wait for. */
function inOrder(reads: readonly ReadDeclaration[]): readonly ReadDeclaration[] {
  const done = new Set<string>();
  const ordered: ReadDeclaration[] = [];
  let waiting = [...reads];
  while (waiting.length > 0) {
    const ready = waiting.filter((read) => read.after.every((name) => done.has(name)));
    if (ready.length === 0) return [...ordered, ...waiting];
    for (const read of ready) done.add(read.name);
    ordered.push(...ready);
    waiting = waiting.filter((read) => !done.has(read.name));
  }
  return ordered;
}
