/** How the oracle reads the policy's files: every dated value of every place as a plain row, by place, scope and parameter. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export interface Row {
  readonly overlay: boolean;
  readonly value: string;
  readonly since: string;
  readonly last: string | null;
  readonly heardOn: string;
  readonly checkedOn: string;
}

type Scopes = Readonly<
  Record<string, Readonly<Record<string, readonly Readonly<Record<string, string | undefined>>[]>>>
>;
interface PolicyFile {
  readonly region: string;
  readonly verified_on: string;
  readonly confirmedOn: string;
  readonly verified_for_months: number;
  readonly parameters: Scopes | null;
  readonly regions: Readonly<Record<string, Scopes>>;
}

export interface Rows {
  /** By `place scope parameter`. */
  readonly rows: ReadonlyMap<string, readonly Row[]>;
  /** How long a value is trusted that nobody checked again. */
  readonly trustedMonths: number;
}

export function readRows(policyDir: string, overlayFiles: readonly string[]): Rows {
  const rows = new Map<string, Row[]>();
  for (const name of readdirSync(join(policyDir, 'regions'))) {
    const file = read(join(policyDir, 'regions', name));
    add(rows, file.region, { scopes: file.parameters ?? {}, checkedOn: file.verified_on, overlay: false });
  }
  for (const name of readdirSync(join(policyDir, 'rules'))) {
    const file = read(join(policyDir, 'rules', name));
    for (const [code, scopes] of Object.entries(file.regions))
      add(rows, code, { scopes, checkedOn: file.verified_on, overlay: false });
  }
  for (const file of overlayFiles.map(read)) {
    for (const [code, scopes] of Object.entries(file.regions))
      add(rows, code, { scopes, checkedOn: file.confirmedOn, overlay: true });
  }
  return { rows, trustedMonths: read(join(policyDir, 'PACK.yaml')).verified_for_months };
}

interface Told {
  readonly scopes: Scopes;
  readonly checkedOn: string;
  readonly overlay: boolean;
}

function add(all: Map<string, Row[]>, code: string, { scopes, checkedOn, overlay }: Told): void {
  for (const [scope, parameters] of Object.entries(scopes)) {
    for (const [parameter, dated] of Object.entries(parameters)) {
      const rows = dated.map((text): Row => {
        const since = text['effective_from'] === 'undated' ? '0000-00-00' : (text['effective_from'] ?? '');
        const last = text['effective_to'];
        return {
          overlay,
          value: text['value'] ?? '',
          since,
          last: last === undefined || last === 'unknown' ? null : last,
          heardOn: overlay ? '' : (text['published_on'] ?? since),
          checkedOn: text['verified_on'] ?? checkedOn,
        };
      });
      const key = `${code} ${scope} ${parameter}`;
      all.set(key, [...(all.get(key) ?? []), ...rows]);
    }
  }
}

function read(file: string): PolicyFile {
  return parse(readFileSync(file, 'utf8')) as PolicyFile;
}
