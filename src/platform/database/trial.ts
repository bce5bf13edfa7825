/** How the hub runs without a database of one's own: real PostgreSQL from npm, in a local folder, for trial and tests. */
import type { Log } from '../log/log.js';
import { layOutFolder, openCluster } from './trial-cluster.js';
import { enterOwner, leaveOwner, underStartLock } from './trial-owners.js';
import { adoptServer, type ServerSettings, startServer, stopServer, urlOf } from './trial-server.js';

export interface TrialOptions {
  /** Made when missing. Holds the password (mode 0600), the server's log and, where its account can enter, the cluster. */
  readonly dataDir: string;
  readonly log: Log;
  /** PostgreSQL settings over the safe ones; only tests need any. An adopted server keeps what it was started with. */
  readonly settings?: ServerSettings;
}

export interface TrialServer {
  /** A superuser's address on the loopback interface; holds the password. */
  readonly url: string;
  /** True when a running server was taken over. */
  readonly adopted: boolean;
  /**
   * Fast shutdown, unless another living process uses the server; then the last one to leave stops it. The caller does
   * this on SIGINT and SIGTERM too. Safe to call twice.
   */
  stop(): Promise<void>;
}

/**
 * Starts the server of a folder, or takes over the one that runs there: left behind by a crash, or in use by another
 * process of the same user on the same machine. Throws HubErrors `trial-*` and `no-unprivileged-account` (fix-config).
 */
export async function startTrial({ dataDir, log, settings = {} }: TrialOptions): Promise<TrialServer> {
  const folder = layOutFolder(dataDir);
  return underStartLock(folder, async () => {
    const cluster = await openCluster(folder, log);
    const running = await adoptServer(cluster);
    const port = running ?? (await startServer(cluster, settings));
    const entry = enterOwner(folder);
    log.warn(
      { component: 'trial', port, adopted: running !== null },
      'The trial database runs. It bundles old libraries and is for trial and tests; set DATABASE_URL for real use.',
    );
    let stopping: Promise<void> | null = null;
    const leave = async (): Promise<void> => {
      if (leaveOwner(folder, entry) === 0) await stopServer(cluster);
    };
    return {
      url: urlOf(cluster, port),
      adopted: running !== null,
      stop: () => (stopping ??= underStartLock(folder, leave)),
    };
  });
}
