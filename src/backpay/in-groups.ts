/** How many persons share a transaction: few enough that nobody waits long for their locks. */
import { isDatabaseTrouble } from '../platform/database/database-error.js';

type Work = (personIds: readonly string[]) => Promise<void>;

const PERSONS_AT_ONCE = 50;

/**
 * Works through persons in groups. Where a group fails by one of its persons, each of them is worked on alone, so that the others are
 * served; the first failure is thrown at the end. Trouble of the database is thrown at once.
 */
export async function inGroups(personIds: readonly string[], work: Work): Promise<void> {
  const failures: unknown[] = [];
  for (let at = 0; at < personIds.length; at += PERSONS_AT_ONCE)
    failures.push(...(await failuresOf(personIds.slice(at, at + PERSONS_AT_ONCE), work)));
  if (failures.length > 0) throw failures[0];
}

async function failuresOf(group: readonly string[], work: Work): Promise<readonly unknown[]> {
  const error = await attempt(work, group);
  if (error === null) return [];
  if (group.length === 1) return [error];
  const failures: unknown[] = [];
  for (const personId of group) failures.push(...(await failuresOf([personId], work)));
  return failures;
}

async function attempt(work: Work, group: readonly string[]): Promise<unknown> {
  try {
    await work(group);
    return null;
  } catch (error) {
    if (isDatabaseTrouble(error)) throw error;
    return error;
  }
}
