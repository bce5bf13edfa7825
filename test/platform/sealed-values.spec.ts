/** Whether sealed values are opened only where somebody vouches for it: a new place has to be written here, and thought about. */
import { SEALED_COLUMNS } from '../../src/cli/keys/key-figures.js';
import { sealedPlaceName } from '../../src/platform/crypto/sealed-column.js';
import { readRepositoryFile, repositoryFiles } from '../support/repository-files.js';

/** File → why it may open what was sealed. */
const MAY_OPEN: Readonly<Record<string, string>> = {
  'src/sync/reveal-identity.ts': 'writes the audit event of the view in the same transaction',
  'src/sync/read-hinted.ts': 'reads again whom a webhook names; shows the body to nobody',
  'src/sync/find-at-bureaus.ts':
    'asks bureaus for somebody newly hired; the number leaves in the body of that question only',
  'src/backpay/case-receipts.ts': 'hands out a receipt only after its audit event is committed',
  'src/platform/crypto/reseal.ts': 'seals it again under the current key in the same transaction',
  'src/sync/reindex-persons.ts': 'only to find the person under the current key of the blind index',
};

it('moves every sealed column under the current keys: whatever is sealed anywhere is declared', () => {
  const sources = repositoryFiles().filter((path) => /^src\/.*\.ts$/.test(path) && !path.endsWith('.spec.ts'));
  const calls = sources.flatMap((path) => readRepositoryFile(path).match(/\bvault\s*\.seal\([^)]*/g) ?? []);
  const places = calls.flatMap((call) => {
    const [, table, column] = /'(\w+)',\s*'(\w+)'/.exec(call) ?? [];
    return table === undefined ? [] : [`${table}.${String(column)}`];
  });
  expect(calls.length).toBeGreaterThan(2);
  // The one call that names no column is the rotation's own.
  expect(calls.filter((call) => !/'\w+',\s*'\w+'/.test(call))).toHaveLength(1);
  expect([...new Set(places)].sort()).toEqual(SEALED_COLUMNS.map(sealedPlaceName).sort());
});

it('opens sealed values nowhere else', () => {
  const sources = repositoryFiles().filter((path) => /^src\/.*\.ts$/.test(path) && !path.endsWith('.spec.ts'));
  const opening = sources.filter((path) => /\bvault\s*\.open\(/.test(readRepositoryFile(path)));
  expect(opening.sort()).toEqual(Object.keys(MAY_OPEN).sort());
});
