/** What every system should show of a person, from the employments and the judged cells. */
import type { PersonStatus } from '../domain/situation.js';
import type { Cell } from './cell.js';
import type { Job } from './jobs-of-person.js';

/**
 * Stopped when the last running employment has ended; else gap when any month lacks money that nothing under way will
 * bring; else inconclusive when a month could not be told; else back-paying when something under way covers a gap; else
 * insured. A month that may still be filed is no gap yet.
 */
export function overallStatus(jobs: readonly Job[], cells: readonly Cell[]): PersonStatus {
  if (!jobs.some((job) => job.isRunning)) return 'stopped';
  let isUnknown = false;
  let isCovered = false;
  for (const cell of cells) {
    if (cell.lacksCover) return 'gap';
    if (cell.situation === 'inconclusive') isUnknown = true;
    if (cell.situation === 'back-payment-pending' || cell.situation === 'withheld-not-remitted') isCovered = true;
  }
  if (isUnknown) return 'inconclusive';
  return isCovered ? 'back-paying' : 'insured';
}
