/** Which access tokens are alive? */
import { randomBytes } from 'node:crypto';

export const TOKEN_TTL_SECONDS = 7200;

export class Tokens {
  readonly #now: () => number;
  readonly #alive = new Map<string, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  issue(): string {
    const token = randomBytes(24).toString('base64url');
    this.#alive.set(token, this.#now() + TOKEN_TTL_SECONDS * 1000);
    return token;
  }

  check(token: string): 'alive' | 'expired' | 'unknown' {
    const until = this.#alive.get(token);
    if (until === undefined) return 'unknown';
    return until > this.#now() ? 'alive' : 'expired';
  }

  /** Every token given out so far is expired from now on. */
  expireAll(): void {
    for (const token of this.#alive.keys()) this.#alive.set(token, 0);
  }
}
