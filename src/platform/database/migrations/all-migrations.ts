/** Every migration, oldest first. */
import { FirstNight1795392000000 } from './1795392000000-first-night.js';

export const MIGRATIONS = [FirstNight1795392000000] as const;
