/** How the rig starts the real program, arms its points, and kills, pauses and wakes it. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { instrumentedProgram } from './loader/instrument.mjs';

const REGISTER = new URL('./loader/register.mjs', import.meta.url).href;
/** Nothing moves for this long: not slow, broken. */
export const STALL_MS = 240_000;

const living = new Set();
process.on('exit', () => {
  for (const child of living) child.kill('SIGKILL');
});

/** `variant`: a file of faults/broken/ without its ending, or null for the program as it is. */
export async function startHub(args, { env, variant = null }) {
  const program = await instrumentedProgram(variant);
  const child = spawn(process.execPath, ['--import', REGISTER, program, ...args], {
    stdio: ['ignore', 'pipe', 'pipe', 'ipc', 'pipe'],
    env: { ...process.env, ...env },
  });
  living.add(child);
  let output = '';
  let complaint = '';
  let orderNo = 0;
  let last = null;
  const told = [];
  const waiting = new Set();
  const wake = () => {
    for (const look of waiting) look();
  };
  child.stderr.on('data', (chunk) => (complaint = `${complaint}${chunk}`.slice(-3000)));
  createInterface(child.stdout).on('line', (line) => {
    output = line;
    wake();
  });
  createInterface(child.stdio[4]).on('line', (line) => {
    told.push((last = JSON.parse(line)));
    wake();
  });
  const exited = once(child, 'exit').then(([code, signal]) => {
    living.delete(child);
    wake();
    return { code, signal, output, complaint };
  });

  /** Resolves with true when `isSo` holds, with false after `withinMs` or when the process has ended. */
  const until = (isSo, withinMs) =>
    new Promise((resolve) => {
      const done = (value) => {
        clearTimeout(timer);
        waiting.delete(look);
        resolve(value);
      };
      const look = () => {
        if (isSo()) done(true);
        else if (child.exitCode !== null || child.signalCode !== null) done(false);
      };
      const timer = setTimeout(() => done(false), withinMs);
      waiting.add(look);
      look();
    });

  return {
    child,
    exited,
    hasEnded: () => child.exitCode !== null || child.signalCode !== null,
    complaint: () => complaint,
    /** Resolves when it says that it listens. Throws with what it said when it ends instead. */
    async ready() {
      if (await until(() => output.startsWith('buduan listens'), STALL_MS)) return;
      if (child.signalCode !== null) return;
      throw new Error(`A hub did not start (code ${child.exitCode}): ${complaint}`);
    },
    /** Strikes with `signal` at the point, after it was passed `after` times. */
    arm(point, signal, after = 0) {
      if (child.connected) child.send({ point, signal, after, no: (orderNo += 1) }, () => undefined);
    },
    /** {fromMs, sinceMs, speed}: the time it is, for a hub with a fast clock. */
    setClock(clock) {
      if (child.connected) child.send({ clock, no: (orderNo += 1) }, () => undefined);
    },
    disarm() {
      if (child.connected) child.send({ disarm: true, no: (orderNo += 1) }, () => undefined);
    },
    /** True when a point was reached (or the process has died of it) within the time. */
    async struck(withinMs) {
      const before = told.length;
      return (await until(() => told.length > before, withinMs)) || told.length > before;
    },
    lastPoint: () => last?.point ?? null,
    signal: (name) => child.kill(name),
    async kill() {
      child.kill('SIGKILL');
      return exited;
    },
  };
}
