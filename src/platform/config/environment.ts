/** Which environment variables this process reads, and what each means: the only place that opens process.env. */
import { z } from 'zod';
import { ConfigError } from './config-error.js';
import { Secret, type Variables } from './secrets.js';

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'] as const;

const optionalText = z.string().optional();

/** `.env.example` documents exactly these. */
export const environmentSchema = z.object({
  /** Where hub.yaml is, when the command line does not say. */
  BUDUAN_CONFIG: z.string().default('hub.yaml'),
  /** Wins over `log.level` of hub.yaml. */
  BUDUAN_LOG_LEVEL: z.enum(LEVELS, { error: `expected ${LEVELS.join(', ')}` }).optional(),
  /** `json`, or lines for people; by default the latter on a terminal only. */
  BUDUAN_LOG_FORMAT: z.enum(['json', 'pretty'], { error: 'expected json or pretty' }).optional(),
  /** PostgreSQL 15–18 of the hub; without it, trial mode. */
  DATABASE_URL: optionalText,
  /** Base64 of 32 bytes; hub.yaml names it as keys.identity.k1. */
  BUDUAN_IDENTITY_KEY: optionalText,
  /** Base64 of 32 bytes; hub.yaml names it as keys.blindIndex. */
  BUDUAN_BLIND_INDEX_KEY: optionalText,
  /** What callers of the API must show; hub.yaml names it as server.token. At least 16 characters. */
  BUDUAN_SERVER_TOKEN: optionalText,
  /** A server for the test suite to make its databases on, instead of its own. */
  BUDUAN_TEST_DATABASE_URL: optionalText,
});

export interface Environment {
  readonly configFile: string;
  readonly logLevel: (typeof LEVELS)[number] | null;
  readonly logFormat: 'json' | 'pretty' | null;
  readonly databaseUrl: Secret | null;
  /** For `${NAME}` in hub.yaml. */
  readonly variables: Variables;
}

/** Variables set to nothing count as not set. Throws ConfigError naming every wrong variable, without its value. */
export function readEnvironment(variables: Variables = process.env): Environment {
  const present = Object.fromEntries(Object.entries(variables).filter(([, text]) => text !== undefined && text !== ''));
  const result = environmentSchema.safeParse(present);
  if (!result.success) {
    throw new ConfigError(
      'environment',
      result.error.issues.map((issue) => `environment variable ${issue.path.join('.')}  ${issue.message}`),
    );
  }
  const { BUDUAN_CONFIG, BUDUAN_LOG_LEVEL, BUDUAN_LOG_FORMAT, DATABASE_URL } = result.data;
  return {
    configFile: BUDUAN_CONFIG,
    logLevel: BUDUAN_LOG_LEVEL ?? null,
    logFormat: BUDUAN_LOG_FORMAT ?? null,
    databaseUrl: DATABASE_URL === undefined ? null : new Secret(DATABASE_URL),
    variables,
  };
}
