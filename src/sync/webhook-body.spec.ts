/** Whether bodies of webhooks come in whole, and whether what a node holds of them stays bounded. */
import { PassThrough } from 'node:stream';
import { BodyHold, BodyRoom, readBody } from './webhook-body.js';

const ROOM = 100;

function sent(...chunks: readonly string[]): PassThrough {
  const from = new PassThrough();
  for (const chunk of chunks) from.write(chunk);
  from.end();
  return from;
}

describe('a body', () => {
  it('comes in as it was sent, in any pieces', async () => {
    const room = new BodyRoom(ROOM);
    expect(await readBody(sent('ab', 'c', 'd'), new BodyHold(room, 4))).toEqual({
      is: 'whole',
      bytes: Buffer.from('abcd'),
    });
    expect(await readBody(sent(), new BodyHold(room, 4))).toEqual({ is: 'whole', bytes: Buffer.alloc(0) });
  });

  it('that is longer than allowed is let go by, and its sender need not stop for that', async () => {
    const room = new BodyRoom(ROOM);
    const from = sent('abc', 'de', 'f'.repeat(50_000));
    const ended = new Promise((resolve) => from.once('end', resolve));
    expect(await readBody(from, new BodyHold(room, 4))).toEqual({ is: 'too-large' });
    await ended;
    expect(room.take(ROOM)).toBe(true);
  });

  it('that was broken off is none', async () => {
    const from = new PassThrough();
    const read = readBody(from, new BodyHold(new BodyRoom(ROOM), 4));
    from.write('ab');
    from.destroy();
    expect(await read).toEqual({ is: 'broken-off' });
  });
});

describe('the room for bodies', () => {
  it('takes no more than there is, and has it again when calls are answered', async () => {
    const room = new BodyRoom(ROOM);
    const first = new BodyHold(room, 80);
    const second = new BodyHold(room, 80);
    expect(await readBody(sent('x'.repeat(80)), first)).toMatchObject({ is: 'whole' });
    expect(await readBody(sent('x'.repeat(80)), second)).toEqual({ is: 'no-room' });
    first.release();
    first.release();
    expect(await readBody(sent('x'.repeat(80)), second)).toMatchObject({ is: 'whole' });
    second.release();
    expect(room.take(ROOM + 1)).toBe(false);
    expect(room.take(ROOM)).toBe(true);
  });

  it('is not taken by what was only announced', () => {
    const room = new BodyRoom(ROOM);
    const holds = Array.from({ length: 1000 }, () => new BodyHold(room, ROOM));
    expect(holds.at(-1)?.add(ROOM)).toBe('held');
  });
});
