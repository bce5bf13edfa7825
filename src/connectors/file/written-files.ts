/** Which operations have been written into which file of a folder: kept beside the files, so that nothing is written twice, whoever moved the file meanwhile. */
import { mkdir, open, readFile, readdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { HubError } from '../../domain/hub-error.js';
import { systemCode } from '../../platform/config/config-error.js';

const OWN_FOLDER = '.buduan';

const noteSchema = z.strictObject({ file: z.string(), idempotencyKeys: z.array(z.string()) });

/**
 * One file is written in three steps: the workbook under a name of our own; the note of what it holds, which is the moment
 * from which it counts as written; its move to the place where people see it. A file that is noted and not yet moved is
 * moved by whoever looks next.
 */
export class WrittenFiles {
  private readonly notes: string;
  private readonly ready: string;
  private readonly known = new Set<string>();
  private readonly keys = new Set<string>();

  constructor(private readonly folder: string) {
    this.notes = join(folder, OWN_FOLDER, 'written');
    this.ready = join(folder, OWN_FOLDER, 'ready');
  }

  /** Whether some file holds the operation; false where it provably was never written. Throws errors of the file system. */
  async holds(idempotencyKey: string): Promise<boolean> {
    await this.refresh();
    return this.keys.has(idempotencyKey);
  }

  /** Throws errors of the file system; whether the file counts all the same, `holds` tells afterwards. */
  async write(batchId: string, bytes: Buffer, note: z.infer<typeof noteSchema>): Promise<void> {
    await mkdir(this.notes, { recursive: true });
    await mkdir(this.ready, { recursive: true });
    await mkdir(dirname(join(this.folder, note.file)), { recursive: true });
    await writeDurably(join(this.ready, `${batchId}.xlsx`), bytes);
    const draft = join(this.ready, `${batchId}.json`);
    await writeDurably(draft, Buffer.from(JSON.stringify(note)));
    await rename(draft, join(this.notes, `${batchId}.json`));
    await syncFolder(this.notes);
    this.learn(batchId, note);
    await this.moveOut(batchId, note.file);
  }

  /** Reads notes that came since the last look, also those of other nodes, and finishes moves that were cut off. */
  private async refresh(): Promise<void> {
    const names = await readdir(this.notes).catch(noneWhereAbsent);
    for (const name of names) {
      const batchId = name.slice(0, -'.json'.length);
      if (!name.endsWith('.json') || this.known.has(batchId)) continue;
      const note = noteFrom(await readFile(join(this.notes, name), 'utf8'), name);
      await this.moveOut(batchId, note.file);
      this.learn(batchId, note);
    }
  }

  private learn(batchId: string, note: z.infer<typeof noteSchema>): void {
    this.known.add(batchId);
    for (const key of note.idempotencyKeys) this.keys.add(key);
  }

  /** Nothing to move means that it lies, or lay, where it belongs. */
  private async moveOut(batchId: string, file: string): Promise<void> {
    const target = join(this.folder, file);
    await rename(join(this.ready, `${batchId}.xlsx`), target).catch(noneWhereAbsent);
    await syncFolder(dirname(target)).catch(noneWhereAbsent);
  }
}

function noteFrom(text: string, name: string): z.infer<typeof noteSchema> {
  const parsed = noteSchema.safeParse(jsonOf(text));
  if (parsed.success) return parsed.data;
  throw new HubError({
    code: 'broken-note',
    next: 'ask-person',
    message: `The note ${OWN_FOLDER}/written/${name} of a written file is broken; restore it from a backup before anything else is written there.`,
    detail: { name },
  });
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return null;
  }
}

async function writeDurably(path: string, bytes: Buffer): Promise<void> {
  const file = await open(path, 'w', 0o640);
  try {
    await file.writeFile(bytes);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** A rename is only sure when its folder is on the disk. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

function noneWhereAbsent(error: unknown): string[] {
  if (systemCode(error) === 'ENOENT') return [];
  throw error;
}
