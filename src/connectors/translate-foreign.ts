/** What becomes of an error nobody foresaw: a ConnectorError that names its kind and place in the code, and nothing it carried. */
import { HubError } from '../domain/hub-error.js';
import { ConnectorError } from './connector-error.js';

/** Messages of our own errors are safe and kept; foreign ones may quote bodies and URLs and are dropped. */
export function translateForeign(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  if (error instanceof HubError)
    return new ConnectorError({
      fault: 'internal',
      saying: error.message,
      detail: { ...error.detail, reason: error.code },
    });
  const { name, stack } =
    typeof error === 'object' && error !== null ? (error as { readonly name?: unknown; readonly stack?: unknown }) : {};
  return new ConnectorError({
    fault: 'internal',
    detail: { kind: typeof name === 'string' ? name : typeof error, at: firstFrame(stack) },
  });
}

/** `guard.ts:120` out of the first stack frame. */
function firstFrame(stack: unknown): string | null {
  const frame = typeof stack === 'string' ? stack.split('\n').find((line) => /^\s+at /.test(line)) : undefined;
  return frame === undefined ? null : (/([\w.-]+:\d+):\d+\)?$/.exec(frame)?.[1] ?? null);
}
