/** How a secret is referred to, read and carried: never as plain text until the one place that sends it. */
import { readFileSync, statSync } from 'node:fs';
import { inspect } from 'node:util';
import { systemCode } from './config-error.js';

const SHOWN = '[secret]';

/** A text that shows itself as `[secret]` in strings, JSON, logs and debuggers. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself; call it where the text leaves the process and nowhere else. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return SHOWN;
  }

  toJSON(): string {
    return SHOWN;
  }

  [inspect.custom](): string {
    return SHOWN;
  }
}

/** Plain copies for opening a connection. */
export function revealAll(secrets: Readonly<Record<string, Secret>>): Record<string, string> {
  return Object.fromEntries(Object.entries(secrets).map(([key, secret]) => [key, secret.reveal()]));
}

export type Variables = Readonly<Record<string, string | undefined>>;

export type Interpolation =
  | { readonly ok: true; readonly text: string; readonly references: number }
  | { readonly ok: false; readonly problem: string };

const REFERENCE = /\$(\$?)\{([^}]*)\}?/g;

/**
 * Replaces `${NAME}` by the environment variable, `${NAME:-text}` by the variable or the text; `$${` stands for `${`.
 * A variable that is not set, or set to nothing, is a problem unless a default is written.
 */
export function interpolate(text: string, variables: Variables): Interpolation {
  let problem: string | null = null;
  let references = 0;
  const replaced = text.replace(REFERENCE, (whole, escaped: string, inside: string) => {
    if (escaped !== '') return whole.slice(1);
    references += 1;
    const outcome = lookUp(whole, inside, variables);
    if (outcome.ok) return outcome.text;
    problem ??= outcome.problem;
    return '';
  });
  return problem === null ? { ok: true, text: replaced, references } : { ok: false, problem };
}

function lookUp(
  whole: string,
  inside: string,
  variables: Variables,
): { ok: true; text: string } | { ok: false; problem: string } {
  const match = /^([A-Za-z_]\w*)(?::-(.*))?$/s.exec(inside);
  if (match === null || !whole.endsWith('}')) {
    return {
      ok: false,
      problem: 'a ${…} here is not a variable reference; expected ${NAME} or ${NAME:-default}, or $${ for a literal ${',
    };
  }
  const [, variable = '', fallback] = match;
  const found = variables[variable];
  if (found !== undefined && found !== '') return { ok: true, text: found };
  if (fallback !== undefined) return { ok: true, text: fallback };
  return {
    ok: false,
    problem: `environment variable ${variable} is ${found === '' ? 'empty' : 'not set'}; set it before starting, or write \${${variable}:-default}`,
  };
}

const MAX_SECRET_BYTES = 64 * 1024;

export type SecretFile =
  | { readonly ok: true; readonly secret: Secret; readonly warning: string | null }
  | { readonly ok: false; readonly problem: string };

/** The text of a secret file without its last line break. `warning` is set when other users of the machine may read it. */
export function readSecretFile(path: string): SecretFile {
  try {
    const { mode, size } = statSync(path);
    if (size > MAX_SECRET_BYTES)
      return {
        ok: false,
        problem: `the secret file is larger than ${MAX_SECRET_BYTES / 1024} KB; expected one secret`,
      };
    const text = readFileSync(path, 'utf8').replace(/\r?\n$/, '');
    if (text === '') return { ok: false, problem: 'the secret file is empty; write the secret into it' };
    const isExposed = process.platform !== 'win32' && (mode & 0o004) !== 0;
    return {
      ok: true,
      secret: new Secret(text),
      warning: isExposed ? 'the secret file can be read by every user of this machine; chmod 600 it' : null,
    };
  } catch (error) {
    return {
      ok: false,
      problem: `the secret file cannot be read (${systemCode(error)}); expected a path relative to this file`,
    };
  }
}
