/** How are the four outside systems and their control port started and stopped? */
import { BackPayments } from './back-payments.js';
import { Ledger, type WriteSystem } from './ledger.js';
import { completeOptions, type SandboxOptions } from './options.js';
import { Agency } from './servers/agency.js';
import { Attendance } from './servers/attendance.js';
import { Bureau } from './servers/bureau.js';
import { controlAnswer, SYSTEMS } from './servers/control.js';
import { Faults } from './servers/faults.js';
import { Payroll } from './servers/payroll.js';
import { serve, type RunningServer } from './servers/serve.js';
import { Webhooks } from './webhooks.js';
import { World } from './world/world.js';

export interface Sandbox {
  /** Base addresses without a trailing slash. */
  readonly urls: Readonly<Record<WriteSystem, string>>;
  /** Base address of the control port: `/_sandbox/report`, `truth`, `history`, `stats`, `faults`, `change`, `webhooks`, `back-payments`, `day`, `reset`. */
  readonly control: string;
  readonly ports: Readonly<Record<WriteSystem | 'control', number>>;
  /** Closes all ports and their connections. Idempotent. */
  stop(): Promise<void>;
}

/** Ready when it resolves: lists are counted, ports are open on 127.0.0.1. Throws `sandbox-options` and what `listen` throws. */
export async function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  const complete = completeOptions(options);
  const world = new World(complete);
  const ledger = new Ledger(world, complete.now);
  const webhooks = new Webhooks(complete.webhooksTo, complete.now);
  const backPayments = new BackPayments(world, webhooks, complete.asOf);
  const offices = { now: complete.now, backPayments };
  const systems = {
    bureau: new Bureau(world, ledger, offices),
    payroll: new Payroll(world, ledger),
    attendance: new Attendance(world, ledger, complete.now),
    agency: new Agency(world, ledger, offices),
  };
  const faults = { bureau: new Faults(), payroll: new Faults(), attendance: new Faults(), agency: new Faults() };
  for (const system of SYSTEMS) systems[system].warm();

  const parts = { world, ledger, faults, webhooks, backPayments };
  const running = new Map<WriteSystem | 'control', RunningServer>();
  const stop = async (): Promise<void> => {
    const servers = [...running.values()];
    running.clear();
    await webhooks.idle();
    await Promise.all(servers.map((server) => server.stop()));
  };
  const reset = (): void => {
    world.reset();
    ledger.reset();
    backPayments.reset();
    systems.bureau.reset();
    for (const system of SYSTEMS) faults[system].clear();
  };
  const statsOf = (): Record<WriteSystem, RunningServer['stats']> =>
    mapSystems((system) => serverOf(running, system).stats);
  try {
    for (const system of SYSTEMS) {
      const { answer } = systems[system];
      running.set(
        system,
        await serve({ port: complete.ports[system], answer, faults: faults[system], latencyMs: complete.latencyMs }),
      );
    }
    const answer = controlAnswer({ ...parts, statsOf, reset, policyPack: complete.policyPack });
    running.set('control', await serve({ port: complete.ports.control, answer, faults: new Faults(), latencyMs: 0 }));
  } catch (error) {
    await stop();
    throw error;
  }
  const control = serverOf(running, 'control');
  return {
    urls: mapSystems((system) => serverOf(running, system).url),
    control: control.url,
    ports: { ...mapSystems((system) => serverOf(running, system).port), control: control.port },
    stop,
  };
}

function mapSystems<T>(valueOf: (system: WriteSystem) => T): Record<WriteSystem, T> {
  return {
    bureau: valueOf('bureau'),
    payroll: valueOf('payroll'),
    attendance: valueOf('attendance'),
    agency: valueOf('agency'),
  };
}

function serverOf(running: ReadonlyMap<string, RunningServer>, name: string): RunningServer {
  const server = running.get(name);
  if (server === undefined) throw new Error(`The sandbox server ${name} is not running.`);
  return server;
}
