/** Which texts of a hub.yaml come from the environment or from files, and what is wrong with those references. */
import { resolve } from 'node:path';
import type { KeysConfig } from './hub-config.js';
import { ONLY_INDEX_KEY, type WrittenHubConfig } from './hub-config.schema.js';
import type { SecretReference } from './schema-words.js';
import { Secret, type Variables, interpolate, readSecretFile } from './secrets.js';
import type { DocumentIssue, DocumentPath } from './yaml-document.js';

const KEY_BYTES = 32;
const MIN_TOKEN_LENGTH = 16;

/** A copy of the tree with every `${NAME}` replaced; texts whose reference cannot be followed stay as they are and become issues. */
export function interpolateTree(
  value: unknown,
  variables: Variables,
): { readonly value: unknown; readonly issues: readonly DocumentIssue[] } {
  const issues: DocumentIssue[] = [];
  const walk = (node: unknown, path: DocumentPath): unknown => {
    if (typeof node === 'string') {
      const outcome = interpolate(node, variables);
      if (outcome.ok) return outcome.text;
      issues.push({ path, message: outcome.problem });
      return node;
    }
    if (Array.isArray(node)) return node.map((part, index) => walk(part, [...path, index]));
    if (typeof node !== 'object' || node === null) return node;
    return Object.fromEntries(Object.entries(node).map(([key, part]) => [key, walk(part, [...path, key])]));
  };
  return { value: walk(value, []), issues };
}

/** Turns references into Secrets and collects what is wrong with them on the way. */
export class SecretResolver {
  readonly issues: DocumentIssue[] = [];
  readonly warnings: DocumentIssue[] = [];

  /** `source` is the document before `${NAME}` was replaced: it shows whether a secret was written out. */
  constructor(
    private readonly source: unknown,
    private readonly folder: string,
  ) {}

  record(references: Readonly<Record<string, SecretReference>>, path: DocumentPath): Record<string, Secret> {
    return Object.fromEntries(
      Object.entries(references).map(([key, reference]) => [key, this.secret(reference, [...path, key])]),
    );
  }

  list(references: readonly SecretReference[], path: DocumentPath): Secret[] {
    return references.map((reference, index) => this.secret(reference, [...path, index]));
  }

  keys(written: NonNullable<WrittenHubConfig['keys']>): KeysConfig {
    const identity = this.keyRecord(written.identity, ['keys', 'identity']);
    const { blindIndex } = written;
    if (typeof blindIndex === 'object' && 'keys' in blindIndex) {
      const keys = this.keyRecord(blindIndex.keys, ['keys', 'blindIndex', 'keys']);
      return { current: written.current, identity, blindIndex: { current: blindIndex.current, keys } };
    }
    const path = ['keys', 'blindIndex'];
    const only = this.secret(blindIndex, path);
    this.checkKey(only, path);
    return {
      current: written.current,
      identity,
      blindIndex: { current: ONLY_INDEX_KEY, keys: { [ONLY_INDEX_KEY]: only } },
    };
  }

  serverToken(reference: SecretReference | undefined): Secret | null {
    if (reference === undefined) return null;
    const path = ['server', 'token'];
    const token = this.secret(reference, path);
    const length = token.reveal().length;
    if (length > 0 && length < MIN_TOKEN_LENGTH)
      this.issues.push({
        path,
        message: `is too short; expected at least ${MIN_TOKEN_LENGTH} characters, for example from: openssl rand -hex 32`,
      });
    return token;
  }

  /** The written URL, else DATABASE_URL, else null. A URL without a password may be written out. */
  databaseUrl(reference: SecretReference | undefined, variables: Variables): Secret | null {
    const path = ['database', 'url'];
    if (reference === undefined) return this.checkedUrl(variables['DATABASE_URL'] ?? '', ['database']);
    if (typeof reference !== 'string') return this.checkedUrl(this.secret(reference, path).reveal(), path);
    if (this.isWrittenOut(path) && /:\/\/[^/@]*:[^/@]+@/.test(reference))
      this.issues.push({ path, message: WRITTEN_OUT });
    return this.checkedUrl(reference, path);
  }

  private checkedUrl(url: string, path: DocumentPath): Secret | null {
    if (url === '') return null;
    if (!/^postgres(?:ql)?:\/\/\S+$/.test(url))
      this.issues.push({ path, message: 'is not a database URL; expected postgres://user:password@host:5432/name' });
    return new Secret(url);
  }

  private secret(reference: SecretReference, path: DocumentPath): Secret {
    if (typeof reference === 'string') {
      if (this.isWrittenOut(path)) this.issues.push({ path, message: WRITTEN_OUT });
      return new Secret(reference);
    }
    const outcome = readSecretFile(resolve(this.folder, reference.file));
    if (!outcome.ok) {
      this.issues.push({ path: [...path, 'file'], message: outcome.problem });
      return new Secret('');
    }
    if (outcome.warning !== null) this.warnings.push({ path: [...path, 'file'], message: outcome.warning });
    return outcome.secret;
  }

  private isWrittenOut(path: DocumentPath): boolean {
    let node: unknown = this.source;
    for (const step of path) node = (node as Readonly<Record<string | number, unknown>> | undefined)?.[step];
    return typeof node === 'string' && !/(?<!\$)\$\{/.test(node);
  }

  private keyRecord(references: Readonly<Record<string, SecretReference>>, path: DocumentPath): Record<string, Secret> {
    const keys = this.record(references, path);
    for (const [id, key] of Object.entries(keys)) this.checkKey(key, [...path, id]);
    return keys;
  }

  private checkKey(key: Secret, path: DocumentPath): void {
    const text = key.reveal();
    if (text === '' || this.issues.some((issue) => issue.path.slice(0, path.length).join() === path.join())) return;
    if (Buffer.from(text, 'base64').length !== KEY_BYTES || !/^[A-Za-z0-9+/]{43}=?$/.test(text)) {
      this.issues.push({
        path,
        message: `is not a key; expected base64 of ${KEY_BYTES} random bytes, for example from: openssl rand -base64 ${KEY_BYTES}`,
      });
    }
  }
}

const WRITTEN_OUT = 'a secret is written in the file; write ${NAME} and set that variable, or { file: path }';
