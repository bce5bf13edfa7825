/** Shows how far each read is: bars on a terminal, one line per finished read elsewhere. */
import cliProgress from 'cli-progress';
import type { ReadProgress } from '../sync/read-progress.js';

export interface ProgressView {
  readonly onProgress: (progress: ReadProgress) => void;
  readonly stop: () => void;
}

/** `stream` is where progress goes: stderr, so that stdout stays the result. */
export function showProgress(stream: NodeJS.WriteStream): ProgressView {
  return stream.isTTY ? bars(stream) : lines(stream);
}

function bars(stream: NodeJS.WriteStream): ProgressView {
  const view = new cliProgress.MultiBar(
    {
      stream,
      hideCursor: true,
      clearOnComplete: false,
      format: '  {name} {bar} {value}/{total} {state}',
      barsize: 24,
      fps: 10,
    },
    cliProgress.Presets.shades_classic,
  );
  const byRead = new Map<string, cliProgress.SingleBar>();
  return {
    onProgress: (progress) => {
      const name = `${progress.connectionId}/${progress.read}`.padEnd(26);
      const total = Math.max(progress.total ?? progress.rows, 1);
      const bar = byRead.get(name) ?? view.create(total, 0, { name, state: '' });
      byRead.set(name, bar);
      bar.setTotal(total);
      bar.update(progress.rows, { state: progress.state === 'running' ? '' : progress.state });
    },
    stop: () => view.stop(),
  };
}

function lines(stream: NodeJS.WriteStream): ProgressView {
  return {
    onProgress: (progress) => {
      if (progress.state === 'running') return;
      const reason = progress.reason === null ? '' : ` (${progress.reason})`;
      stream.write(
        `  ${`${progress.connectionId}/${progress.read}`.padEnd(26)} ${String(progress.rows).padStart(9)} rows  ${progress.state}${reason}\n`,
      );
    },
    stop: () => undefined,
  };
}
