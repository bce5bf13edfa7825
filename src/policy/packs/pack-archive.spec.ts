/** Whether a pack opens as it was sealed, and whether nothing else opens. */
import { gzipSync } from 'node:zlib';
import { createPrivateKey, sign } from 'node:crypto';
import { openPack, packHash, sealPack } from './pack-archive.js';
import { generatePackKey } from './pack-keys.js';
import { compareVersions } from './pack-version.js';

const key = generatePackKey();
const files = new Map([
  ['PACK.yaml', 'version: 2026.12.0\n'],
  ['regions/440300.yaml', "region: '440300'\n"],
]);
const trusted = [generatePackKey().publicText, key.publicText];

/** A pack with any body, properly signed: what a publisher with bad intentions could make. */
function signedBody(body: Buffer): Buffer {
  const signature = sign(
    null,
    Buffer.concat([Buffer.from('buduan-policy-pack/1\n'), body]),
    createPrivateKey(key.privatePem),
  );
  return Buffer.concat([Buffer.from(`buduan-policy-pack/1 ${key.keyId} ${signature.toString('base64')}\n`), body]);
}

function withContent(content: unknown): Buffer {
  return signedBody(gzipSync(JSON.stringify(content)));
}

it('opens as it was sealed, and is the same whatever the order of its files', () => {
  const archive = sealPack(files, key.privatePem);
  const opened = openPack(archive, trusted);
  expect(opened.keyId).toBe(key.keyId);
  expect(opened.files.text('PACK.yaml')).toBe('version: 2026.12.0\n');
  expect(opened.files.list('regions')).toEqual(['440300.yaml']);
  const again = sealPack(new Map([...files].reverse()), key.privatePem);
  expect(again.equals(archive)).toBe(true);
  expect(packHash(again)).toEqual(packHash(archive));
});

it('is refused when one bit of it was changed, wherever', () => {
  const archive = sealPack(files, key.privatePem);
  for (let at = 0; at < archive.length; at += 1) {
    const changed = Buffer.from(archive);
    changed[at] = (changed[at] ?? 0) ^ 1;
    expect(() => openPack(changed, trusted)).toThrow('The policy pack is refused');
  }
});

it.each([
  ['signed by a key that nobody trusts', () => sealPack(files, generatePackKey().privatePem), 'pack-unknown-key'],
  ['not signed', () => Buffer.from(`buduan-policy-pack/1 ${key.keyId}\nxxxx`), 'pack-unsigned'],
  ['something else', () => Buffer.from('PK\u0003\u0004 a zip file'), 'pack-unreadable'],
  ['empty', () => Buffer.alloc(0), 'pack-unreadable'],
  ['too large', () => Buffer.alloc(9 * 1024 * 1024), 'pack-unreadable'],
  ['a bomb', () => signedBody(gzipSync(Buffer.alloc(70 * 1024 * 1024))), 'pack-unreadable'],
  ['a path out of its folder', () => withContent({ files: { '../../etc/passwd.yaml': 'x' } }), 'pack-unreadable'],
  ['an absolute path', () => withContent({ files: { '/etc/x.yaml': 'x' } }), 'pack-unreadable'],
  [
    'a file larger than any policy file',
    () => withContent({ files: { 'PACK.yaml': 'x'.repeat(1_100_000) } }),
    'pack-unreadable',
  ],
  ['an unknown field', () => withContent({ files: {}, run: 'rm' }), 'pack-unreadable'],
])('is refused when it is %s', (_what, archive, code) => {
  expect(() => openPack(archive(), trusted)).toThrow(expect.objectContaining({ code }));
});

it('compares editions as numbers, without the marks of overlays', () => {
  expect(compareVersions('2026.9.0', '2026.11.0')).toBeLessThan(0);
  expect(compareVersions('2026.11.10', '2026.11.9+company-a@2026-11-23.0a0a0a0a')).toBeGreaterThan(0);
  expect(compareVersions('2026.11.0', '2026.11.0')).toBe(0);
});
