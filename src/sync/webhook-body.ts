/** How the bodies of webhooks come in: as they were sent, no longer than allowed, and together no more than a node has room for. */
import type { Readable } from 'node:stream';

/** Bytes of bodies that a node holds at a time. What is announced takes no room, only what has come: slow senders keep nobody out. */
export class BodyRoom {
  constructor(private leftBytes: number) {}

  /** False, and nothing is taken, where so much is not left. */
  take(bytes: number): boolean {
    if (bytes > this.leftBytes) return false;
    this.leftBytes -= bytes;
    return true;
  }

  give(bytes: number): void {
    this.leftBytes += bytes;
  }
}

/** What of the room one call holds, until it is answered or gone. */
export class BodyHold {
  private bytes = 0;

  constructor(
    private readonly room: BodyRoom,
    readonly maxBytes: number,
  ) {}

  add(bytes: number): 'held' | 'too-large' | 'no-room' {
    if (this.bytes + bytes > this.maxBytes) return 'too-large';
    if (!this.room.take(bytes)) return 'no-room';
    this.bytes += bytes;
    return 'held';
  }

  /** Safe to call twice. */
  release(): void {
    this.room.give(this.bytes);
    this.bytes = 0;
  }
}

export type Body =
  { readonly is: 'whole'; readonly bytes: Buffer } | { readonly is: 'too-large' | 'no-room' | 'broken-off' };

/** What does not fit is let go by at once; the rest of it is read and forgotten, so that the sender hears the answer. */
export function readBody(from: Readable, hold: BodyHold): Promise<Body> {
  return new Promise((resolve) => {
    const chunks: Buffer[] = [];
    const end = (body: Body): void => {
      from.off('data', onChunk).off('end', onEnd).off('close', onBreak).off('error', onBreak);
      resolve(body);
    };
    const onChunk = (chunk: Buffer): void => {
      const held = hold.add(chunk.length);
      if (held === 'held') return void chunks.push(chunk);
      hold.release();
      end({ is: held });
      from.on('error', () => undefined).resume();
    };
    const onEnd = (): void =>
      end({ is: 'whole', bytes: chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks) });
    const onBreak = (): void => end({ is: 'broken-off' });
    from.on('data', onChunk).on('end', onEnd).on('close', onBreak).on('error', onBreak);
  });
}
