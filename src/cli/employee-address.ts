/** Where an employee is reached, as hub.yaml says: by a system's own key for them, or by what a file says of that key. */
import { readFileSync, statSync } from 'node:fs';
import type { EntityManager } from 'typeorm';
import type { AddressAsked } from '../notify/notify-settings.js';
import { readOwners } from '../sync/persons.reader.js';

/** Null when the connection does not know the person, or knows two, or the file does not name the key. */
export async function employeeAddress(
  em: EntityManager,
  { tenantId, personId, rule }: AddressAsked,
): Promise<string | null> {
  const keys = (await readOwners(em, tenantId, personId)).filter((owner) => owner.connectionId === rule.connection);
  const [only, another] = keys;
  // A person with two accounts: a message to the wrong one cannot be taken back.
  if (only === undefined || another !== undefined) return null;
  if (rule.file !== undefined) return addressesOf(rule.file).get(only.ownerKey) ?? null;
  return `${rule.prefix}${only.ownerKey}${rule.suffix}`;
}

interface ReadFile {
  readonly changedMs: number;
  readonly addresses: ReadonlyMap<string, string>;
}

/** As many as hub.yaml names; a file that changed is read again. */
const files = new Map<string, ReadFile>();

function addressesOf(file: string): ReadonlyMap<string, string> {
  const changedMs = statSync(file).mtimeMs;
  const known = files.get(file);
  if (known?.changedMs === changedMs) return known.addresses;
  const lines = readFileSync(file, 'utf8')
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/);
  const addresses = new Map(
    lines.flatMap((line) => {
      const comma = line.indexOf(',');
      const key = line.slice(0, comma).trim();
      const address = line.slice(comma + 1).trim();
      return comma < 0 || key === '' || address === '' ? [] : [[key, address] as const];
    }),
  );
  files.set(file, { changedMs, addresses });
  return addresses;
}
