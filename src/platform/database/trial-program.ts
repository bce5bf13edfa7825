/** How one of PostgreSQL's programs is run: as the server's account, with an environment of its own. */
import { type ChildProcess, spawn, type SpawnOptions } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { once } from 'node:events';
import { HubError } from '../../domain/hub-error.js';
import type { ServerAccount } from './trial-account.js';
import type { PostgresPrograms } from './trial-binaries.js';

export interface ProgramSetting {
  readonly programs: PostgresPrograms;
  /** Null = as ourselves. */
  readonly account: ServerAccount | null;
  /** Where programs write what they have to say. */
  readonly serverLog: string;
}

/** Runs a program to its end. Throws HubError `trial-program-failed` or `trial-program-refused`. */
export async function runProgram(
  setting: ProgramSetting,
  program: string,
  parameters: readonly string[],
): Promise<void> {
  const child = await startProgram(setting, program, parameters);
  const code = child.exitCode ?? ((await once(child, 'exit')) as [number | null])[0];
  if (code === 0) return;
  throw new HubError({
    code: 'trial-program-failed',
    next: 'fix-config',
    message: `${nameOf(program)} of the trial database failed. Read ${setting.serverLog} for its reason.`,
    detail: { exitCode: code },
  });
}

/** Starts a program in a session of its own: a Ctrl-C for us does not reach it. */
export async function startProgram(
  setting: ProgramSetting,
  program: string,
  parameters: readonly string[],
): Promise<ChildProcess> {
  const output = openSync(setting.serverLog, 'a', 0o600);
  try {
    const child = spawn(program, [...parameters], programOptions(setting, output));
    await once(child, 'spawn');
    return child;
  } catch (error) {
    const message = `${nameOf(program)} of the trial database could not be started${setting.account ? ` as uid ${setting.account.uid}` : ''}. The system may lack glibc, forbid changing the user, or forbid programs in the temporary folder; set DATABASE_URL instead.`;
    throw new HubError({ code: 'trial-program-refused', next: 'fix-config', message, cause: error });
  } finally {
    closeSync(output);
  }
}

function programOptions({ programs, account }: ProgramSetting, output: number): SpawnOptions {
  return {
    ...(account ?? {}),
    cwd: programs.libFolder,
    detached: true,
    windowsHide: true,
    stdio: ['ignore', output, output],
    env: { LC_ALL: 'C', TZ: 'UTC', PATH: '/usr/bin:/bin', LD_LIBRARY_PATH: programs.libFolder },
  };
}

function nameOf(program: string): string {
  return program.replace(/^.*[\\/]/, '');
}
