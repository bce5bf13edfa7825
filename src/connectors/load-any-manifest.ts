/** Which kind of manifest a file holds, and what it says: `transport: files`, or a system that answers over HTTP. */
import { parseYamlDocument } from '../platform/config/yaml-document.js';
import type { FileManifest } from './file/file-manifest.schema.js';
import { readFileManifest } from './file/load-file-manifest.js';
import { readManifest, readManifestText } from './http/load-manifest.js';
import type { Manifest } from './http/manifest.schema.js';

export type AnyManifest = Manifest | FileManifest;

/** Throws ConfigError with every problem of the file, each with its line. */
export function loadAnyManifest(path: string): AnyManifest {
  const text = readManifestText(path);
  const document = parseYamlDocument(text, path);
  const { value } = document;
  const isOfFiles = typeof value === 'object' && value !== null && 'transport' in value && value.transport === 'files';
  return isOfFiles ? readFileManifest(document) : readManifest(text, path);
}

export function isFileManifest(manifest: AnyManifest): manifest is FileManifest {
  return 'transport' in manifest;
}
