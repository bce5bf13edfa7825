/** Which world and which ports does a sandbox start with? */
import { HubError } from '../domain/hub-error.js';
import { day, type Day } from '../domain/month.js';

export const PROFILES = ['demo', 'bench'] as const;
/** `demo`: every kind of discrepancy thrice per 1,200 employees, about 12 %. `bench`: about 8 %. */
export type Profile = (typeof PROFILES)[number];

export interface SandboxPorts {
  readonly bureau: number;
  readonly payroll: number;
  readonly attendance: number;
  readonly agency: number;
  readonly control: number;
}

export interface SandboxOptions {
  /** 1–5,000,000. */
  readonly employees: number;
  /** Whole number; equal seeds make equal worlds. */
  readonly seed: number;
  readonly profile: Profile;
  /** 2023-03-15 … 2023-03-31 (the world's history ends in February 2023); default 2023-03-20. */
  readonly asOf?: Day;
  /** 0 = any free port. */
  readonly ports?: SandboxPorts;
  /** Added to every reply; default 0. */
  readonly latencyMs?: number;
  /** A policy pack that the control port serves at `/policy/pack`; the file may change, or come, later. Default none. */
  readonly policyPack?: string | null;
  /** Milliseconds since 1970, for token expiry and signature age. Default: the system's clock. */
  readonly now?: () => number;
  /** Where changes are told, for example `http://127.0.0.1:4080/webhooks/company-a`; default: nowhere. */
  readonly webhooksTo?: string | null;
}

export const DEFAULT_AS_OF = day('2023-03-20');
const EARLIEST_AS_OF = day('2023-03-15');
const LATEST_AS_OF = day('2023-03-31');
const ANY_PORTS: SandboxPorts = { bureau: 0, payroll: 0, attendance: 0, agency: 0, control: 0 };

/** Fills in the defaults. Throws `sandbox-options` naming what is wrong. */
export function completeOptions(options: SandboxOptions): Required<SandboxOptions> {
  const complete = {
    asOf: DEFAULT_AS_OF,
    ports: ANY_PORTS,
    latencyMs: 0,
    policyPack: null,
    webhooksTo: null,
    now: Date.now,
    ...options,
  };
  if (!Number.isInteger(complete.employees) || complete.employees < 1 || complete.employees > 5_000_000) {
    throw refusal('employees must be a whole number from 1 to 5000000');
  }
  if (!Number.isSafeInteger(complete.seed)) throw refusal('seed must be a whole number');
  if (!PROFILES.includes(complete.profile)) throw refusal(`profile must be one of ${PROFILES.join(', ')}`);
  if (complete.asOf < EARLIEST_AS_OF || complete.asOf > LATEST_AS_OF) {
    throw refusal(`asOf must lie between ${EARLIEST_AS_OF} and ${LATEST_AS_OF}`);
  }
  if (!(complete.latencyMs >= 0)) throw refusal('latencyMs must be 0 or more');
  if (complete.webhooksTo !== null && !isReceiver(complete.webhooksTo))
    throw refusal('webhooksTo must be an http address');
  return complete;
}

/** Reads `--name value` pairs as `main` gets them. Throws `sandbox-options`. */
export function parseArguments(args: readonly string[]): SandboxOptions {
  const given = new Map<string, string>();
  for (let place = 0; place < args.length; place += 2) {
    const name = args[place] ?? '';
    const value = args[place + 1];
    if (!KNOWN_ARGUMENTS.includes(name)) throw refusal(`unknown option ${name}; known: ${KNOWN_ARGUMENTS.join(' ')}`);
    if (value === undefined) throw refusal(`${name} needs a value`);
    given.set(name, value);
  }
  const asOf = given.get('--as-of');
  const ports = given.get('--ports');
  const webhooksTo = given.get('--webhooks-to');
  return {
    employees: Number(given.get('--employees') ?? 1200),
    seed: Number(given.get('--seed') ?? 1),
    profile: (given.get('--profile') ?? 'demo') as Profile,
    latencyMs: Number(given.get('--latency-ms') ?? 0),
    policyPack: given.get('--policy-pack') ?? null,
    ...(asOf === undefined ? {} : { asOf: day(asOf) }),
    ...(ports === undefined ? {} : { ports: parsePorts(ports) }),
    ...(webhooksTo === undefined ? {} : { webhooksTo }),
  };
}

const KNOWN_ARGUMENTS = [
  '--employees',
  '--seed',
  '--profile',
  '--as-of',
  '--ports',
  '--latency-ms',
  '--policy-pack',
  '--webhooks-to',
];

/** An address that calls can be sent to. */
export function isReceiver(text: string): boolean {
  return /^https?:\/\/[^/]/.test(text) && URL.canParse(text);
}

function parsePorts(text: string): SandboxPorts {
  const numbers = text.split(',').map(Number);
  const [bureau, payroll, attendance, agency, control] = numbers;
  const valid = numbers.length === 5 && numbers.every((port) => Number.isInteger(port) && port >= 0 && port <= 65_535);
  if (
    !valid ||
    bureau === undefined ||
    payroll === undefined ||
    attendance === undefined ||
    agency === undefined ||
    control === undefined
  ) {
    throw refusal('--ports needs five numbers from 0 to 65535: bureau,payroll,attendance,agency,control');
  }
  return { bureau, payroll, attendance, agency, control };
}

function refusal(what: string): HubError {
  return new HubError({ code: 'sandbox-options', next: 'fix-config', message: `The sandbox cannot start: ${what}.` });
}
