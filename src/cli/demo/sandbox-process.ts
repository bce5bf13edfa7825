/** The four outside systems as a process of their own, started for the demo and ended with it. */
import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { HubError } from '../../domain/hub-error.js';

export interface SandboxProcess {
  readonly pid: number;
  readonly urls: Readonly<Record<'bureau' | 'payroll' | 'attendance' | 'agency', string>>;
  /** Base address of the control port. */
  readonly control: string;
  /** Asks the control port, for example `report`. */
  ask<T>(path: string): Promise<T>;
  /** Steers it, for example `day`. */
  tell(path: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

export interface SandboxRequest {
  readonly employees: number;
  readonly seed: number;
  readonly profile: 'demo' | 'bench';
}

const READY_WITHIN_MS = 60_000;

/** Resolves when all ports are open. Throws `sandbox-start` with what the process said. */
export async function startSandboxProcess(request: SandboxRequest): Promise<SandboxProcess> {
  const program = fileURLToPath(new URL('../../sandbox/main.js', import.meta.url));
  const args = [
    program,
    '--employees',
    String(request.employees),
    '--seed',
    String(request.seed),
    '--profile',
    request.profile,
  ];
  // Its standard input is a pipe: when this process ends, however it ends, the sandbox ends too.
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] });
  const ready = await readyLine(child);
  return {
    pid: child.pid ?? 0,
    urls: ready.urls,
    control: ready.control,
    ask: (path) => askControl(`${ready.control}/_sandbox/${path}`),
    tell: (path, body) => tellControl(`${ready.control}/_sandbox/${path}`, body),
    stop: () => stopProcess(child),
  };
}

interface ReadyLine {
  readonly urls: SandboxProcess['urls'];
  readonly control: string;
}

function readyLine(child: ChildProcess): Promise<ReadyLine> {
  return new Promise((resolve, reject) => {
    let complaint = '';
    const fail = (what: string): void => {
      child.kill('SIGKILL');
      reject(
        new HubError({
          code: 'sandbox-start',
          next: 'bug',
          message: `The sandbox did not start: ${what} ${complaint}`.trim(),
        }),
      );
    };
    const timer = setTimeout(() => fail(`no answer within ${READY_WITHIN_MS / 1000} s.`), READY_WITHIN_MS);
    child.stderr?.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk.toString('utf8')}`.slice(-2000);
    });
    child.once('exit', (code) => fail(`it ended with code ${String(code)}.`));
    if (child.stdout === null) return fail('no output.');
    createInterface(child.stdout).once('line', (line) => {
      clearTimeout(timer);
      child.removeAllListeners('exit');
      resolve(JSON.parse(line) as ReadyLine);
    });
  });
}

async function askControl<T>(url: string): Promise<T> {
  const reply = await fetch(url);
  if (!reply.ok)
    throw new HubError({
      code: 'sandbox-control',
      next: 'bug',
      message: `The sandbox's control port answered ${reply.status}.`,
    });
  return (await reply.json()) as T;
}

async function tellControl(url: string, body: object): Promise<void> {
  const reply = await fetch(url, { method: 'POST', body: JSON.stringify(body) });
  if (!reply.ok)
    throw new HubError({
      code: 'sandbox-control',
      next: 'bug',
      message: `The sandbox's control port answered ${reply.status}.`,
    });
}

function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return Promise.resolve();
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
    child.kill('SIGTERM');
  });
}
