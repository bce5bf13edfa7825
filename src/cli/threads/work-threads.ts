/** How a hub uses more than one core: further threads that read connections and judge persons beside the first. */
import { Worker } from 'node:worker_threads';
import { HubError } from '../../domain/hub-error.js';
import type { Log } from '../../platform/log/log.js';
import type { ConnectionReader, ReadingOrder, ReadingWatch } from '../../sync/connection-readers.js';
import { receivedError, sentError, type FromThread, type ThreadStart, type ToThread } from './thread-messages.js';

/** The heap of a thread, in MB: what a page, its records and a batch of persons need, several times over. */
const OLD_GENERATION_MB = 512;

/** Threads of this process. They end with it; `rest` ends them in order. */
export class WorkThreads {
  private readonly threads: readonly WorkThread[];

  /** `count` ≥ 0; each opens the hub for itself, which takes about a second and is not waited for. */
  constructor(count: number, start: ThreadStart, log: Log) {
    this.threads = Array.from({ length: count }, () => new WorkThread(start, log));
  }

  get readers(): readonly ConnectionReader[] {
    return this.threads;
  }

  /** Finishes what is under way and closes; rejects with the first failure after all have ended. */
  async rest(): Promise<void> {
    const settled = await Promise.allSettled(this.threads.map((thread) => thread.rest()));
    for (const end of settled) if (end.status === 'rejected') throw end.reason;
  }
}

interface Reading {
  readonly watch: ReadingWatch;
  readonly settle: (failure: HubError | null) => void;
}

class WorkThread implements ConnectionReader {
  private readonly worker: Worker;
  private readonly readings = new Map<number, Reading>();
  private readonly ended: Promise<HubError | null>;
  private lastId = 0;
  private hasEnded = false;

  constructor(start: ThreadStart, log: Log) {
    this.worker = new Worker(new URL('./work-thread.js', import.meta.url), {
      workerData: start,
      resourceLimits: { maxOldGenerationSizeMb: OLD_GENERATION_MB },
    });
    let failure: HubError | null = null;
    this.worker.on('message', (message: FromThread) => {
      if (message.type === 'at-rest' && message.failure !== null) failure = receivedError(message.failure);
      this.hear(message);
    });
    this.worker.on('error', (error) => {
      log.error({ err: error }, 'A thread of the hub broke down; the run it worked for is taken up by the next start.');
      failure = receivedError(sentError(error));
    });
    this.ended = new Promise((resolve) => {
      this.worker.once('exit', () => {
        this.hasEnded = true;
        for (const reading of this.readings.values()) reading.settle(failure ?? threadEnded());
        resolve(failure);
      });
    });
  }

  read(order: ReadingOrder, watch: ReadingWatch): Promise<void> {
    const id = (this.lastId += 1);
    return new Promise((resolve, reject) => {
      if (this.hasEnded) return reject(threadEnded());
      const stop = (): void => this.say({ type: 'stop-reading', id, why: sentError(watch.signal.reason) });
      watch.signal.addEventListener('abort', stop, { once: true });
      const settle = (failure: HubError | null): void => {
        watch.signal.removeEventListener('abort', stop);
        this.readings.delete(id);
        if (failure === null) resolve();
        else reject(failure);
      };
      this.readings.set(id, { watch, settle });
      this.say({ type: 'read', id, order });
    });
  }

  async rest(): Promise<void> {
    if (!this.hasEnded) this.say({ type: 'rest' });
    const failure = await this.ended;
    if (failure !== null) throw failure;
  }

  private say(message: ToThread): void {
    this.worker.postMessage(message);
  }

  private hear(message: FromThread): void {
    switch (message.type) {
      case 'progress':
        return this.readings.get(message.id)?.watch.onProgress(message.progress);
      case 'read-ended':
        return this.readings.get(message.id)?.settle(message.failure === null ? null : receivedError(message.failure));
      case 'ready':
      case 'at-rest':
        return;
    }
  }
}

function threadEnded(): HubError {
  return new HubError({
    code: 'thread-ended',
    next: 'retry',
    message:
      'A thread of the hub ended while it read a connection. Run again: the read goes on from its last committed page.',
  });
}
