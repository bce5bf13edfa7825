/** Every migration, oldest first. */
import { FirstNight1795392000000 } from './1795392000000-first-night.js';
import { Webhooks1795478400000 } from './1795478400000-webhooks.js';

export const MIGRATIONS = [FirstNight1795392000000, Webhooks1795478400000] as const;
