/** What a caller is told when something went wrong: one shape, and nothing that belongs in the log only. */
import { HttpException } from '@nestjs/common';
import { HubError, type NextStep } from '../../domain/hub-error.js';
import { HttpRefusal } from './http-refusal.js';

/** The body of every answer with a status of 400 or more. */
export interface ErrorBody {
  readonly code: string;
  readonly message: string;
  readonly next: NextStep;
}

export interface ErrorAnswer {
  readonly status: number;
  readonly body: ErrorBody;
  /** Whether somebody must look at the log: the fault is not the caller's. */
  readonly isFault: boolean;
}

const STATUS_OF: Readonly<Record<NextStep, number>> = { retry: 503, 'fix-config': 500, 'ask-person': 409, bug: 500 };

export function errorAnswer(error: unknown): ErrorAnswer {
  if (error instanceof HubError) {
    const status = error instanceof HttpRefusal ? error.status : STATUS_OF[error.next];
    return {
      status,
      body: { code: error.code, message: error.message, next: error.next },
      isFault: !(error instanceof HttpRefusal),
    };
  }
  const status = statusOf(error);
  if (status === 404)
    return refused(
      status,
      'not-found',
      'There is nothing at this address and method; look at docs/operations.md for what there is.',
    );
  if (status !== null && status < 500)
    return refused(
      status,
      'bad-request',
      `The request could not be understood (HTTP ${status}); mend it before sending it again.`,
    );
  return {
    status: 500,
    body: { code: 'unexpected', message: 'The hub met an error it did not expect; its log says which.', next: 'bug' },
    isFault: true,
  };
}

function refused(status: number, code: string, message: string): ErrorAnswer {
  return { status, body: { code, message, next: 'fix-config' }, isFault: false };
}

/** The framework's own refusals: routes, bodies, sizes. */
function statusOf(error: unknown): number | null {
  if (error instanceof HttpException) return error.getStatus();
  if (typeof error !== 'object' || error === null || !('statusCode' in error)) return null;
  const { statusCode } = error;
  return typeof statusCode === 'number' && statusCode >= 400 && statusCode < 600 ? statusCode : null;
}
