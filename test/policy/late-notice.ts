/** An edition of the policy that is newer than the one shipped, with a notice that comes late: packed and signed for tests. */
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generatePackKey } from '../../src/policy/packs/pack-keys.js';
import { sealPack } from '../../src/policy/packs/pack-archive.js';
import { POLICY_DIR } from './books.js';

export const PUBLISHER = generatePackKey();
export const STRANGER = generatePackKey();

/** Shenzhen's unemployment base, one amount for everybody: 2,500 instead of 2,360 from January, published in the middle of March. */
const NOTICE = `about: a notice that comes late
verified_on: 2026-11-22
regions:
  '440300':
    unemployment:
      base_floor:
        - { value: '2500', unit: yuan/month, effective_from: 2023-01-01, published_on: 2023-03-15, status: reported, sources: [S2] }
      base_cap:
        - { value: '2500', unit: yuan/month, effective_from: 2023-01-01, published_on: 2023-03-15, status: reported, sources: [S2] }
`;

export function shippedFiles(): Map<string, string> {
  const paths = readdirSync(POLICY_DIR, { recursive: true, encoding: 'utf8' }).filter((path) =>
    /\.(?:yaml|json)$/.test(path),
  );
  return new Map(paths.map((path) => [path, readFileSync(join(POLICY_DIR, path), 'utf8')]));
}

/** The shipped policy as another edition; with the notice unless `notice: false`. */
export function editionFiles(
  version: string,
  { notice = true }: { readonly notice?: boolean } = {},
): Map<string, string> {
  const files = shippedFiles();
  const pack = files.get('PACK.yaml') ?? '';
  files.set('PACK.yaml', pack.replace(/^version: .*$/m, `version: ${version}`));
  if (notice) files.set('rules/late-notice.yaml', NOTICE);
  return files;
}

export function sealedEdition(
  version: string,
  options: { readonly notice?: boolean; readonly key?: string } = {},
): Buffer {
  return sealPack(editionFiles(version, options), options.key ?? PUBLISHER.privatePem);
}
