/** That the table of national rules is complete and names parameters that exist and are given. */
import { isParameterName } from '../../src/policy/parameter-catalogue.js';
import { readRepositoryFile } from '../support/repository-files.js';
import { shippedBook } from './books.js';

const rows = readRepositoryFile('docs/policy-rules.md')
  .split('\n')
  .filter((line) => line.startsWith('| '))
  .slice(1)
  .map((line) =>
    line
      .split('|')
      .map((cell) => cell.trim())
      .slice(1, -1),
  );

it('has all 37 rules, each with its source and what became of it', () => {
  expect(rows).toHaveLength(37);
  for (const row of rows) {
    expect(row).toHaveLength(4);
    expect(row.filter((cell) => cell === '')).toEqual([]);
  }
});

it('names only parameters that a policy file may give, and that one gives unless they are left to the tenant', () => {
  const book = shippedBook();
  const named = rows.flatMap(([, , , applied = '']) =>
    [...applied.matchAll(/`([a-z_.]+)`/g)].map(([, name = '']) => ({
      name,
      isLeft: applied.includes('for the tenant'),
    })),
  );
  const parameters = named.filter(
    ({ name }) => name.includes('_') && !name.startsWith('effective') && name !== 'published_on',
  );
  expect(parameters.length).toBeGreaterThan(20);
  const wrong = parameters.filter(
    ({ name, isLeft }) =>
      !isParameterName(name) || (!isLeft && !book.records.some(({ parameter }) => parameter === name)),
  );
  expect(wrong).toEqual([]);
});
