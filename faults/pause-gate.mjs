/**
 * Keeps pauses and a restart of the database apart. A sender that is paused while its database goes away is the window that
 * remains (docs/operations.md), so a restart waits until nobody is paused; and a pause that has begun needs the database, so
 * it must never wait for that restart: they would wait for each other for ever.
 */
export class PauseGate {
  #pauses = 0;
  #turn = null;
  #wake = () => undefined;

  /** Begins when no restart is wanted or under way. */
  async pause(work) {
    while (this.#turn !== null) await this.#turn;
    this.#pauses += 1;
    try {
      return await work();
    } finally {
      this.#pauses -= 1;
      this.#wake();
    }
  }

  /** Begins when the pauses under way have ended; no other begins before its own end. One at a time. */
  async restart(work) {
    while (this.#turn !== null) await this.#turn;
    let end;
    this.#turn = new Promise((resolve) => (end = resolve));
    try {
      while (this.#pauses > 0) await new Promise((resolve) => (this.#wake = resolve));
      return await work();
    } finally {
      this.#turn = null;
      end();
    }
  }
}
