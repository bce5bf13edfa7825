/** What is thrown when something a person wrote (hub.yaml, a manifest, a policy file, the environment) cannot be used. */
import { HubError } from '../../domain/hub-error.js';

/** Most lines shown in one message; the rest is counted. */
const MAX_SHOWN = 50;

/**
 * Every problem of one file at once. `problems` are ready lines `file:line:column  path  what is wrong`; they never hold
 * a configured value, because any value may be a secret.
 */
export class ConfigError extends HubError {
  readonly file: string;
  readonly problems: readonly string[];

  constructor(file: string, problems: readonly string[]) {
    const shown = problems.slice(0, MAX_SHOWN);
    const rest = problems.length - shown.length;
    super({
      code: 'config-invalid',
      next: 'fix-config',
      message: [
        `${file} has ${problems.length === 1 ? 'one problem' : `${problems.length} problems`}:`,
        ...shown.map((line) => `  ${line}`),
        ...(rest > 0 ? [`  … and ${rest} more`] : []),
      ].join('\n'),
      detail: { file, problems: problems.length },
    });
    this.name = 'ConfigError';
    this.file = file;
    this.problems = problems;
  }
}

/** The code of a system error (`ENOENT`, `EACCES` …) for a message; errors of other realms included. */
export function systemCode(error: unknown): string {
  return typeof error === 'object' && error !== null && 'code' in error ? String(error.code) : 'unknown error';
}
