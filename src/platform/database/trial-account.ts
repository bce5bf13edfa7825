/** As which user the trial server runs: PostgreSQL refuses root, so root hands it to an unprivileged account. */
import { readFileSync, realpathSync, statSync, type Stats } from 'node:fs';
import { dirname } from 'node:path';
import { getuid } from 'node:process';
import { HubError } from '../../domain/hub-error.js';

/** A user other than ourselves that server processes run as. */
export interface ServerAccount {
  readonly uid: number;
  readonly gid: number;
}

/** Accounts made for this purpose or for none, best first. */
const PREFERRED_NAMES = ['postgres', 'nobody'];

/**
 * Null when we are not root: the server then runs as ourselves. An existing cluster keeps the account that owns it.
 * Throws HubError `no-unprivileged-account` where root finds no account to hand the server to.
 */
export function chooseAccount(cluster: string): ServerAccount | null {
  if (getuid?.() !== 0) return null;
  const owner = statOrNull(cluster);
  if (owner && owner.uid !== 0) return { uid: owner.uid, gid: owner.gid };
  const accounts = readAccounts();
  for (const name of PREFERRED_NAMES) {
    const account = accounts.get(name);
    if (account && account.uid !== 0) return account;
  }
  throw new HubError({
    code: 'no-unprivileged-account',
    next: 'fix-config',
    message:
      'PostgreSQL does not run as root and this system has neither a "postgres" nor a "nobody" account. Create one, start as another user, or set DATABASE_URL.',
  });
}

/** Whether the account may walk into this folder from the root, judged by mode bits; access lists are not consulted. */
export function canEnter(path: string, account: ServerAccount): boolean {
  let folder = realpathSync(path);
  for (;;) {
    if (!grants(statSync(folder), account, 0o1)) return false;
    if (dirname(folder) === folder) return true;
    folder = dirname(folder);
  }
}

/** Whether the mode bits of a file give the account these rights (0o4 read, 0o1 execute or traverse). */
export function grants(stats: Stats, account: ServerAccount, rights: number): boolean {
  const shift = stats.uid === account.uid ? 6 : stats.gid === account.gid ? 3 : 0;
  return ((stats.mode >> shift) & rights) === rights;
}

function statOrNull(path: string): Stats | null {
  return statSync(path, { throwIfNoEntry: false }) ?? null;
}

function readAccounts(): ReadonlyMap<string, ServerAccount> {
  const accounts = new Map<string, ServerAccount>();
  for (const line of readFileSync('/etc/passwd', 'utf8').split('\n')) {
    const [name, , uid, gid] = line.split(':');
    if (name && /^\d+$/.test(uid ?? '') && /^\d+$/.test(gid ?? ''))
      accounts.set(name, { uid: Number(uid), gid: Number(gid) });
  }
  return accounts;
}
