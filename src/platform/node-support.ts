/** Whether the Node that runs this process still gets security fixes. */
import { type Day, day } from '../domain/month.js';

/** Last day of support per major version; odd ones end soon after the next even one appears. */
export const NODE_END_OF_LIFE: Readonly<Record<string, Day>> = {
  20: day('2026-04-30'),
  21: day('2024-06-01'),
  22: day('2027-04-30'),
  23: day('2025-06-01'),
  24: day('2028-04-30'),
  25: day('2026-06-01'),
};

/** A sentence for the log when support of `version` (such as `20.19.0`) ended before `today`; else null. */
export function nodeWarning(version: string, today: Day): string | null {
  const major = version.split('.')[0] ?? '';
  const end = NODE_END_OF_LIFE[major];
  if (end === undefined || today <= end) return null;
  return `Node ${major} gets no security fixes since ${end}; move to 24 LTS.`;
}
