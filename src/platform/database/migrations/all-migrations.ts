/** Every migration, oldest first. */
import { FirstNight1795392000000 } from './1795392000000-first-night.js';
import { RateBudgets1795478400000 } from './1795478400000-rate-budgets.js';
import { PolicyEditions1795564800000 } from './1795564800000-policy-editions.js';
import { Webhooks1795651200000 } from './1795651200000-webhooks.js';

export const MIGRATIONS = [
  FirstNight1795392000000,
  RateBudgets1795478400000,
  PolicyEditions1795564800000,
  Webhooks1795651200000,
] as const;
