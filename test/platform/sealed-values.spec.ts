/** Whether sealed values are opened only where somebody vouches for it: a new place has to be written here, and thought about. */
import { readRepositoryFile, repositoryFiles } from '../support/repository-files.js';

/** File → why it may open what was sealed. */
const MAY_OPEN: Readonly<Record<string, string>> = {
  'src/sync/reveal-identity.ts': 'writes the audit event of the view in the same transaction',
  'src/sync/read-hinted.ts': 'reads again whom a webhook names; shows the body to nobody',
};

it('opens sealed values nowhere else', () => {
  const sources = repositoryFiles().filter((path) => /^src\/.*\.ts$/.test(path) && !path.endsWith('.spec.ts'));
  const opening = sources.filter((path) => /\bvault\s*\.open\(/.test(readRepositoryFile(path)));
  expect(opening.sort()).toEqual(Object.keys(MAY_OPEN).sort());
});
