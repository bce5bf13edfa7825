/** `buduan policy keygen` and `pack`: how somebody publishes a policy of their own. */
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import type { Command } from 'commander';
import { HubError } from '../../domain/hub-error.js';
import { systemCode } from '../../platform/config/config-error.js';
import { loadPolicyBook } from '../../policy/load.js';
import { packHash, sealPack } from '../../policy/packs/pack-archive.js';
import { generatePackKey } from '../../policy/packs/pack-keys.js';
import { createTerminal } from '../terminal.js';

interface KeygenOptions {
  readonly out: string;
  readonly json?: boolean;
}

interface PackOptions extends KeygenOptions {
  readonly dir: string;
  readonly key: string;
}

export function registerPackCommands(policy: Command): void {
  policy
    .command('keygen')
    .description('a key for signing packs; prints the line that trusts it in hub.yaml')
    .requiredOption('--out <file>', 'where the private key goes; an existing file is never written over')
    .option('--json', 'one JSON object on standard output')
    .action(keygenCommand);
  policy
    .command('pack')
    .description('check a policy folder and sign it as one pack')
    .requiredOption('--dir <folder>', 'the folder with PACK.yaml, sources.yaml, regions/ and rules/')
    .requiredOption('--key <file>', 'private key, PEM')
    .requiredOption('--out <file>', 'where the pack goes')
    .option('--json', 'one JSON object on standard output')
    .action(packCommand);
}

function keygenCommand(options: KeygenOptions): void {
  const terminal = createTerminal(options);
  const { privatePem, publicText, keyId } = generatePackKey();
  writeNew(options.out, privatePem);
  terminal.say(`private key: ${options.out} (keep it where only whoever publishes can read it)`);
  terminal.say(`key id:      ${keyId}\nin hub.yaml: policy: { trustedKeys: ['${publicText}'] }`);
  terminal.json({ keyId, publicKey: publicText, privateKeyFile: options.out });
}

function packCommand(options: PackOptions): void {
  const terminal = createTerminal(options);
  // A pack that no hub could load must not leave the house.
  const { version, warnings } = loadPolicyBook({ policyDir: options.dir });
  const files = policyFiles(options.dir);
  const archive = sealPack(files, read(options.key));
  writeFileSync(options.out, archive);
  const contentHash = packHash(archive).toString('hex');
  for (const warning of warnings) terminal.note(warning);
  terminal.say(
    `${options.out}: edition ${version}, ${files.size} files, ${archive.length} bytes, content ${contentHash}`,
  );
  terminal.json({ version, files: files.size, bytes: archive.length, contentHash });
}

/** Every YAML and JSON file below the folder, by its path with slashes. */
function policyFiles(dir: string): ReadonlyMap<string, string> {
  const entries = readdirSync(dir, { recursive: true, withFileTypes: true });
  const paths = entries.filter((entry) => entry.isFile() && /\.(?:yaml|json)$/.test(entry.name));
  return new Map(
    paths.map((entry) => {
      const path = join(entry.parentPath, entry.name);
      return [relative(dir, path).split(sep).join('/'), readFileSync(path, 'utf8')];
    }),
  );
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw unusable(path, `cannot be read (${systemCode(error)})`);
  }
}

function writeNew(path: string, text: string): void {
  try {
    writeFileSync(path, text, { mode: 0o600, flag: 'wx' });
  } catch (error) {
    throw unusable(path, `cannot be written (${systemCode(error)}); a key that is there already is never written over`);
  }
}

function unusable(path: string, why: string): HubError {
  return new HubError({ code: 'key-file', next: 'fix-config', message: `The key file ${path} ${why}.` });
}
