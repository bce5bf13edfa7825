/** Where the files of a trial server lie, who owns them, and how they come to be. */
import { createHash, randomBytes } from 'node:crypto';
import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  existsSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { HubError } from '../../domain/hub-error.js';
import type { Log } from '../log/log.js';
import { canEnter, chooseAccount, type ServerAccount } from './trial-account.js';
import { preparePrograms } from './trial-binaries.js';
import { readOrNull } from './trial-owners.js';
import { type ProgramSetting, runProgram } from './trial-program.js';

/** Everything needed to start, find or stop one trial server. */
export interface TrialCluster extends ProgramSetting {
  /** The folder the caller named: password, log, lock and owners. */
  readonly folder: string;
  /** PostgreSQL's own data folder. */
  readonly data: string;
  readonly serverLog: string;
  readonly password: string;
}

export const TRIAL_USER = 'buduan';

/** Makes the folder with everything but the cluster itself. Idempotent. */
export function layOutFolder(dataDir: string): string {
  try {
    mkdirSync(dataDir, { recursive: true, mode: 0o711 });
    accessSync(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch (error) {
    throw folderRefused(dataDir, error);
  }
  return realpathSync(dataDir);
}

/** Finds or makes the cluster of a folder. Call under the start lock. */
export async function openCluster(folder: string, log: Log): Promise<TrialCluster> {
  const password = readPassword(folder);
  const data = locateData(folder, log);
  const account = chooseAccount(data);
  const cluster: TrialCluster = {
    folder,
    data,
    serverLog: join(folder, 'server.log'),
    password,
    account,
    programs: preparePrograms(account),
  };
  if (existsSync(join(data, 'PG_VERSION'))) refuseOtherMajor(cluster);
  else await initialise(cluster);
  return cluster;
}

function readPassword(folder: string): string {
  const path = join(folder, 'password');
  try {
    if (existsSync(path)) return readFileSync(path, 'utf8').trim();
    const password = randomBytes(24).toString('base64url');
    writeFileSync(`${path}.new`, password, { mode: 0o600 });
    chmodSync(`${path}.new`, 0o600);
    renameSync(`${path}.new`, path);
    return password;
  } catch (error) {
    throw folderRefused(folder, error);
  }
}

/**
 * The cluster lies in the folder itself. Where we are root and the account the server runs as cannot walk down to it, it
 * lies under /var/lib/buduan-trial (or, where that cannot be made, the temporary folder), and `cluster-location` says where.
 */
function locateData(folder: string, log: Log): string {
  const noted = readOrNull(join(folder, 'cluster-location'))?.trim();
  if (noted) return noted;
  const inside = join(folder, 'cluster');
  const account = chooseAccount(inside);
  if (account === null || existsSync(inside)) return inside;
  chmodSync(folder, statSync(folder).mode | 0o111);
  if (canEnter(folder, account)) return inside;
  const outside = join(makeStateFolder(account), createHash('sha256').update(folder).digest('hex').slice(0, 16));
  writeFileSync(join(folder, 'cluster-location'), `${outside}\n`);
  log.warn(
    { component: 'trial', cluster: outside },
    'The trial database is kept outside the chosen folder: the account it runs as cannot enter that folder.',
  );
  return outside;
}

function makeStateFolder(account: ServerAccount): string {
  for (const place of ['/var/lib/buduan-trial', join(tmpdir(), 'buduan-trial')]) {
    try {
      mkdirSync(place, { recursive: true, mode: 0o711 });
      chmodSync(place, 0o711);
      if (statSync(place).uid === 0 && canEnter(place, account)) return place;
    } catch {
      continue;
    }
  }
  throw new HubError({
    code: 'trial-folder',
    next: 'fix-config',
    message:
      "No folder was found that the account of the trial database can enter. Choose a data folder outside of root's home, or set DATABASE_URL.",
  });
}

/** Built apart and renamed, so that a crash half-way leaves nothing that looks like a cluster. */
async function initialise(cluster: TrialCluster): Promise<void> {
  const { data, account, programs } = cluster;
  const building = `${data}.new`;
  const passwordFile = `${data}.pw`;
  rmSync(building, { recursive: true, force: true });
  mkdirSync(building, { mode: 0o700 });
  writeFileSync(passwordFile, cluster.password, { mode: 0o600 });
  if (account) {
    chownSync(building, account.uid, account.gid);
    chownSync(passwordFile, account.uid, account.gid);
  }
  try {
    const settings = [
      '--encoding=UTF8',
      '--locale=C',
      '--lc-messages=C',
      '--locale-provider=builtin',
      '--builtin-locale=C.UTF-8',
      '--data-checksums',
    ];
    await runProgram(cluster, programs.initdb, [
      '-D',
      building,
      '-U',
      TRIAL_USER,
      '--auth=scram-sha-256',
      `--pwfile=${passwordFile}`,
      '--no-instructions',
      ...settings,
    ]);
    renameSync(building, data);
  } finally {
    rmSync(passwordFile, { force: true });
    rmSync(building, { recursive: true, force: true });
  }
}

function refuseOtherMajor({ data, programs }: TrialCluster): void {
  const major = Number.parseInt(readOrNull(join(data, 'PG_VERSION')) ?? '', 10);
  if (major === programs.major) return;
  throw new HubError({
    code: 'trial-other-version',
    next: 'fix-config',
    message: `The trial database was made by PostgreSQL ${major}, but ${programs.major} is installed. Dump and restore it, or choose an empty data folder.`,
    detail: { major },
  });
}

function folderRefused(folder: string, cause: unknown): HubError {
  return new HubError({
    code: 'trial-folder',
    next: 'fix-config',
    message: `The trial database cannot use the folder ${folder}: it belongs to another user or cannot be written. Choose another folder, or start as its owner.`,
    cause,
  });
}
