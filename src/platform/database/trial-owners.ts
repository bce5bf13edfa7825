/** Which processes use a trial server, and which of them may start or stop it now. */
import { linkSync, mkdirSync, readFileSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { kill, pid as ownPid } from 'node:process';
import { setTimeout as wait } from 'node:timers/promises';
import { v4 as uuid } from 'uuid';
import { HubError } from '../../domain/hub-error.js';

const LOCK_WAIT_MS = 120_000;
const LOCK_POLL_MS = 25;

/**
 * Runs `work` while no other process starts or stops the server of this folder. The lock is a file naming its process;
 * the lock of a process that is no more is taken over. Throws HubError `trial-busy` after two minutes.
 */
export async function underStartLock<T>(folder: string, work: () => Promise<T>): Promise<T> {
  const lock = join(folder, 'start.lock');
  const mine = `${processMark(ownPid) ?? ''}\n${uuid()}`;
  const draft = join(folder, `start.lock.${uuid()}`);
  writeFileSync(draft, mine);
  try {
    await takeLock(lock, draft);
  } finally {
    rmSync(draft, { force: true });
  }
  try {
    return await work();
  } finally {
    if (readOrNull(lock) === mine) rmSync(lock, { force: true });
  }
}

/** Enters this process as a user of the server; returns the entry, to be taken out again. */
export function enterOwner(folder: string): string {
  const owners = join(folder, 'owners');
  mkdirSync(owners, { recursive: true });
  const entry = join(owners, uuid());
  writeFileSync(`${entry}.new`, processMark(ownPid) ?? '');
  renameSync(`${entry}.new`, entry);
  return entry;
}

/** Takes an entry out; returns how many living users remain. Entries of dead processes are cleared away. */
export function leaveOwner(folder: string, entry: string): number {
  rmSync(entry, { force: true });
  const owners = join(folder, 'owners');
  let living = 0;
  for (const name of readdirSync(owners)) {
    const path = join(owners, name);
    if (isLiving(readOrNull(path) ?? '')) living += 1;
    else rmSync(path, { force: true });
  }
  return living;
}

/**
 * A text that names one process for good: its id and, where the system tells, the boot and the tick it began in, so that
 * a reused id is not mistaken for it. Null when there is no such process or only its corpse.
 */
export function processMark(pid: number): string | null {
  if (!answers(pid)) return null;
  const stat = readOrNull(`/proc/${pid}/stat`);
  if (stat === null) return String(pid);
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (fields[0] === 'Z' || fields[0] === 'X') return null;
  return `${pid}:${fields[19] ?? ''}:${(readOrNull('/proc/sys/kernel/random/boot_id') ?? '').trim()}`;
}

export function readOrNull(path: string): string | null {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return null;
  }
}

function isLiving(mark: string): boolean {
  const pid = Number.parseInt(mark, 10);
  return pid > 0 && processMark(pid) === mark;
}

function answers(pid: number): boolean {
  try {
    return kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}

async function takeLock(lock: string, draft: string): Promise<void> {
  for (const end = Date.now() + LOCK_WAIT_MS; Date.now() < end; await wait(LOCK_POLL_MS)) {
    if (tryLink(draft, lock)) return;
    const held = readOrNull(lock);
    if (held !== null && !isLiving(held.split('\n')[0] ?? '')) breakLock(lock, held);
  }
  throw new HubError({
    code: 'trial-busy',
    next: 'retry',
    message:
      'Another process has been starting or stopping the trial database for two minutes. Look at it, then try again.',
  });
}

/** Moved aside before it is judged again: of two processes that saw the same dead lock, only one may remove it. */
function breakLock(lock: string, held: string): void {
  const aside = `${lock}.${uuid()}`;
  try {
    renameSync(lock, aside);
  } catch {
    return;
  }
  if (readOrNull(aside) !== held) tryLink(aside, lock);
  rmSync(aside, { force: true });
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EEXIST') return false;
    throw error;
  }
}
