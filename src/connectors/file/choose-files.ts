/** Which files of a folder a read is about, and whether they can be trusted: there, whole, and fresh. */
import { readdir, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { ConnectorError } from '../connector-error.js';
import { faultOfFolder } from './file-faults.js';
import type { FileRead } from './file-manifest.schema.js';

export interface ChosenFile {
  /** Seen from the folder. */
  readonly name: string;
  readonly path: string;
  readonly bytes: number;
  readonly changedMs: number;
  /** Tells this state of the file from any other. */
  readonly stamp: string;
}

export interface ChosenFiles {
  /** At least one; oldest names first. */
  readonly files: readonly ChosenFile[];
  /** False where one of them is too old for its silence to prove anything. */
  readonly isFresh: boolean;
}

const MS_PER_HOUR = 3_600_000;

/** Throws ConnectorError `file-missing`, `file-growing` (with the time to wait), `file-too-large`, `folder-refused`. */
export async function chooseFiles(
  folder: string,
  read: Pick<FileRead, 'files' | 'take' | 'maxAgeHours' | 'settleSeconds'>,
  { nowMs, maxFileBytes }: { readonly nowMs: number; readonly maxFileBytes: number },
): Promise<ChosenFiles> {
  const found = await matchingFiles(folder, read.files);
  const files = read.take === 'all' ? found : found.slice().sort(byAge).slice(-1);
  if (files.length === 0) throw new ConnectorError({ fault: 'file-missing', saying: read.files });
  for (const file of files) {
    if (file.bytes > maxFileBytes) throw new ConnectorError({ fault: 'file-too-large', saying: file.name });
    const settledMs = file.changedMs + read.settleSeconds * 1000;
    if (settledMs > nowMs)
      throw new ConnectorError({ fault: 'file-growing', saying: file.name, waitMs: settledMs - nowMs });
  }
  const oldestMs = nowMs - read.maxAgeHours * MS_PER_HOUR;
  return { files, isFresh: files.every((file) => file.changedMs >= oldestMs) };
}

/** The state of a file that was chosen before; null where it is gone. */
export async function stampOf(path: string): Promise<string | null> {
  try {
    const { size, mtimeMs } = await stat(path);
    return stampFrom(size, mtimeMs);
  } catch {
    return null;
  }
}

async function matchingFiles(folder: string, pattern: string): Promise<readonly ChosenFile[]> {
  const inside = dirname(pattern);
  const fits = nameTest(basename(pattern));
  const directory = join(folder, inside);
  const names = (await readdir(directory).catch(refuseFolder)).filter(
    // What an open spreadsheet program leaves beside a workbook is no workbook.
    (name) => fits(name) && !name.startsWith('~$') && !name.startsWith('.'),
  );
  const files: ChosenFile[] = [];
  for (const name of names.sort()) {
    const path = join(directory, name);
    const found = await stat(path).catch(refuseFolder);
    if (!found.isFile()) continue;
    files.push({
      name: inside === '.' ? name : `${inside}/${name}`,
      path,
      bytes: found.size,
      changedMs: found.mtimeMs,
      stamp: stampFrom(found.size, found.mtimeMs),
    });
  }
  return files;
}

function refuseFolder(error: unknown): never {
  throw faultOfFolder(error);
}

/** `a*b.xlsx` as a test of a name; letters of either size are the same. */
function nameTest(pattern: string): (name: string) => boolean {
  const parts = pattern.normalize('NFC').toLowerCase().split('*');
  return (written) => {
    const name = written.normalize('NFC').toLowerCase();
    const [first = '', ...rest] = parts;
    if (rest.length === 0) return name === first;
    const last = rest.pop() ?? '';
    if (!name.startsWith(first) || name.length < first.length + last.length) return false;
    let at = first.length;
    for (const part of rest) {
      const next = name.indexOf(part, at);
      if (next < 0) return false;
      at = next + part.length;
    }
    return name.endsWith(last) && name.length - last.length >= at;
  };
}

function byAge(a: ChosenFile, b: ChosenFile): number {
  return a.changedMs - b.changedMs || (a.name < b.name ? -1 : 1);
}

function stampFrom(bytes: number, changedMs: number): string {
  return `${bytes}-${Math.round(changedMs)}`;
}
