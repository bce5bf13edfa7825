/** How an error is told at a terminal: what happened, then what to do; never a stack for what a person can mend. */
import { HubError, type NextStep } from '../domain/hub-error.js';
import { EXIT, type ExitCode } from './exit-codes.js';

const ADVICE: Readonly<Record<NextStep, string>> = {
  retry: 'Try again later.',
  'fix-config': 'Mend the configuration or the command, and run it again.',
  'ask-person': 'A person must look at this.',
  bug: 'This is a fault of buduan: please report it with the code.',
};

export function hubErrorText(error: unknown): string {
  if (!(error instanceof HubError))
    return `unexpected: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`;
  const reason =
    error.next === 'bug' && error.cause instanceof Error ? `\n${error.cause.stack ?? error.cause.message}` : '';
  return `${error.message}\n[${error.code}] ${ADVICE[error.next]}${reason}`;
}

export function exitCodeOf(error: unknown): ExitCode {
  return error instanceof HubError && error.next === 'fix-config' ? EXIT.badConfig : EXIT.failed;
}
