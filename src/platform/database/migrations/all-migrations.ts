/** Every migration, oldest first. */
import { FirstNight1795392000000 } from './1795392000000-first-night.js';
import { PolicyEditions1795478400000 } from './1795478400000-policy-editions.js';

export const MIGRATIONS = [FirstNight1795392000000, PolicyEditions1795478400000] as const;
