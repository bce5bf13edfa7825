/** The sandbox as a process of its own: prints one JSON line when ready, ends on SIGTERM or SIGINT and when whoever started it is gone. */
import { fstatSync } from 'node:fs';
import { parseArguments } from './options.js';
import { startSandbox } from './sandbox.js';

async function main(): Promise<void> {
  const sandbox = await startSandbox(parseArguments(process.argv.slice(2)));
  let ending = false;
  const end = (): void => {
    if (ending) return;
    ending = true;
    void sandbox.stop().finally(() => process.exit(0));
  };
  process.on('SIGTERM', end);
  process.on('SIGINT', end);
  if (process.send !== undefined) process.on('disconnect', end);
  if (isPipe(0)) process.stdin.on('end', end).on('close', end).on('error', end).resume();
  process.stdout.on('error', end);
  process.stdout.write(
    `${JSON.stringify({ ready: true, pid: process.pid, urls: sandbox.urls, control: sandbox.control, ports: sandbox.ports })}\n`,
  );
}

/** A terminal or /dev/null as input says nothing about the parent; a pipe ends with it. */
function isPipe(descriptor: number): boolean {
  try {
    const stat = fstatSync(descriptor);
    return stat.isFIFO() || stat.isSocket();
  } catch {
    return false;
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
