/** What a node does again and again beside its jobs: one look at a time, ended in order. */
import type { SchedulerRegistry } from '@nestjs/schedule';

export abstract class RepeatedLook {
  protected readonly stopping = new AbortController();
  private looking: Promise<void> | null = null;

  /** `name` is the interval's in the registry. */
  protected constructor(private readonly interval: { readonly name: string; readonly everyMs: number }) {}

  begin(registry: SchedulerRegistry): void {
    const { name, everyMs } = this.interval;
    registry.addInterval(
      name,
      setInterval(() => void this.look(), everyMs),
    );
  }

  /** Looks once; who asks while a look is under way waits for that one. Never rejects. */
  look(): Promise<void> {
    if (this.stopping.signal.aborted) return Promise.resolve();
    this.looking ??= this.lookAtAll().finally(() => (this.looking = null));
    return this.looking;
  }

  async stop(registry?: SchedulerRegistry): Promise<void> {
    this.stopping.abort();
    const { name } = this.interval;
    if (registry?.doesExist('interval', name) === true) registry.deleteInterval(name);
    await this.looking;
  }

  /** Must not reject: what failed is told, and tried again at the next look. */
  protected abstract lookAtAll(): Promise<void>;
}
