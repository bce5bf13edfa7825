/** Every migration, oldest first. */
import { FirstNight1795392000000 } from './1795392000000-first-night.js';
import { Plans1795521600000 } from './1795521600000-plans.js';
import { ConnectionHealth1795525200000 } from './1795525200000-connection-health.js';
import { Transitions1795528800000 } from './1795528800000-transitions.js';

export const MIGRATIONS = [
  FirstNight1795392000000,
  Plans1795521600000,
  ConnectionHealth1795525200000,
  Transitions1795528800000,
] as const;
