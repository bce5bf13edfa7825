/** What a failure of PostgreSQL means for the operator, told without passwords and without the values of rows. */
import { QueryFailedError } from 'typeorm';
import { HubError } from '../../domain/hub-error.js';

const UNREACHABLE = new Set([
  'ECONNREFUSED',
  'ENOTFOUND',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ECONNRESET',
  'EAI_AGAIN',
  'ENOENT',
  'EACCES',
]);

/** Turns a failure to connect into a HubError naming host, port and database of the address, never its password. */
export function connectionError(error: unknown, url: string): HubError {
  const place = describeAddress(url);
  const code = errorCode(error);
  const told = error instanceof Error ? error.message : '';
  if (code === '28P01' || code === '28000' || told.startsWith('SASL')) {
    return new HubError({
      code: 'database-login-refused',
      next: 'fix-config',
      message: `The database at ${place} refused the login. Check user and password of DATABASE_URL.`,
      cause: error,
    });
  }
  if (code === '3D000') {
    return new HubError({
      code: 'database-missing',
      next: 'fix-config',
      message: `The database ${place} does not exist. Create it, then start again.`,
      cause: error,
    });
  }
  if (code === '53300') {
    return new HubError({
      code: 'database-full',
      next: 'retry',
      message: `The database at ${place} has no free connection. Raise max_connections or lower the pool size.`,
      cause: error,
    });
  }
  const why = UNREACHABLE.has(code) ? code : `${code === '' ? 'no code' : code}: the connection failed`;
  return new HubError({
    code: 'database-unreachable',
    next: 'retry',
    message: `The database at ${place} cannot be reached (${why}). Check that the server runs and that host and port are right.`,
    cause: error,
  });
}

/**
 * Takes off a failed statement whatever quotes rows: parameters, DETAIL, CONTEXT, and the message where PostgreSQL
 * refused a value (SQLSTATE class 22). Code and constraint stay. Changes and returns the same error.
 */
export function withoutValues(error: unknown): unknown {
  if (error instanceof QueryFailedError) {
    (error as { parameters: readonly unknown[] | undefined }).parameters = undefined;
    stripValues(error);
    stripValues(error.driverError as Error);
  } else if (error instanceof Error && 'severity' in error) {
    stripValues(error);
  }
  return error;
}

function stripValues(error: Error): void {
  Object.assign(error, { detail: undefined, where: undefined, internalQuery: undefined });
  const code = errorCode(error);
  if (!code.startsWith('22')) return;
  const quoting = error.message;
  error.message = `The database refused a value (SQLSTATE ${code}).`;
  if (error.stack !== undefined) error.stack = error.stack.replaceAll(quoting, error.message);
}

/** SQLSTATE classes that say nothing of the rows: connection, transaction rolled back, resources, an operator's doing, system. */
const TROUBLE_CLASSES = new Set(['08', '25', '40', '53', '55', '57', '58']);

/** Whether a failure is the database's own, so that the same work will go through later. */
export function isDatabaseTrouble(error: unknown): boolean {
  if (error instanceof HubError) return error.code.startsWith('database-');
  const code = errorCode(error);
  if (UNREACHABLE.has(code) || code === 'EPIPE') return true;
  if (/^[0-9A-Z]{5}$/.test(code)) return TROUBLE_CLASSES.has(code.slice(0, 2));
  return error instanceof QueryFailedError || (error instanceof Error && /connection/i.test(error.message));
}

/** The SQLSTATE or system error code of a failure, or ''. */
export function errorCode(error: unknown): string {
  if (error instanceof AggregateError) return errorCode(error.errors[0]);
  if (error instanceof Error && 'code' in error && typeof error.code === 'string') return error.code;
  return error instanceof Error && /timeout/i.test(error.message) ? 'ETIMEDOUT' : '';
}

function describeAddress(url: string): string {
  try {
    const { hostname, port, pathname } = new URL(url);
    return `${hostname === '' ? 'localhost' : hostname}:${port === '' ? '5432' : port}${pathname}`;
  } catch {
    return 'DATABASE_URL';
  }
}
