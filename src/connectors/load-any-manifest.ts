/** Which kind of manifest a file holds, and what it says: `transport: files`, or a system that answers over HTTP. */
import { parseYamlDocument } from '../platform/config/yaml-document.js';
import type { FileManifest } from './file/file-manifest.schema.js';
import { readFileManifest } from './file/load-file-manifest.js';
import { checkManifest, readManifestText } from './http/load-manifest.js';
import type { Manifest } from './http/manifest.schema.js';

export type AnyManifest = Manifest | FileManifest;

/** Throws ConfigError with every problem of the file, each with its line. */
export function loadAnyManifest(path: string): AnyManifest {
  const document = parseYamlDocument(readManifestText(path), path);
  const { value } = document;
  const isOfFiles = typeof value === 'object' && value !== null && 'transport' in value && value.transport === 'files';
  return isOfFiles ? readFileManifest(document) : checkManifest(document);
}

export function isFileManifest(manifest: AnyManifest): manifest is FileManifest {
  return 'transport' in manifest;
}
