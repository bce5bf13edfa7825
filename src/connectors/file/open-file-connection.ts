/** How a manifest of files and a connection's values become one open connection. */
import { isAbsolute } from 'node:path';
import { HubError } from '../../domain/hub-error.js';
import type { Clock } from '../../platform/clock/clock.js';
import type { Log } from '../../platform/log/log.js';
import { Guard, type GuardHealth } from '../guard.js';
import { configProblems, configWithDefaults } from '../http/open-http-connection.js';
import { compileText } from '../http/template.js';
import type { ConnectionOptions } from '../port.js';
import { FileConnection } from './file-connection.js';
import type { FileManifest } from './file-manifest.schema.js';

export interface OpenFileOptions extends ConnectionOptions {
  readonly manifest: FileManifest;
  readonly manifestPath: string;
  readonly log: Log;
  readonly clock: Clock;
  readonly onHealth?: ((health: GuardHealth) => void) | undefined;
}

const LIMITS = { concurrency: 4, retries: 0, retryCapMs: 1000 };

/** Touches nothing yet. Throws HubError `connection-config` naming every value that is missing, unknown or of the wrong kind. */
export function openFileConnection(options: OpenFileOptions): FileConnection {
  const { manifest, manifestPath, tenantId, connectionId, clock, log, onHealth } = options;
  const problems = [
    ...configProblems(manifest, options.config),
    ...Object.keys(options.secrets).map((name) => `secrets.${name} is unknown; files need no secrets`),
  ];
  if (problems.length > 0) throw misfit(options, problems);
  const config = configWithDefaults(manifest, options.config);
  const variables = Object.keys(manifest.config).map((name) => `config.${name}`);
  const folder = compileText(manifest.folder, { variables }, 'folder')({ config });
  if (!isAbsolute(folder)) throw misfit(options, ['its folder is not an absolute path such as /srv/buduan/bureau']);
  const guard = new Guard({ tenantId, connectionId, limits: LIMITS, log, onHealth });
  return new FileConnection({ tenantId, connectionId, manifest, manifestPath, config, folder, guard, clock });
}

function misfit({ manifest, tenantId, connectionId }: OpenFileOptions, problems: readonly string[]): HubError {
  return new HubError({
    code: 'connection-config',
    next: 'fix-config',
    message: `Connection ${connectionId} does not fit manifest ${manifest.id}: ${problems.join('; ')}.`,
    detail: { tenantId, connectionId, manifest: manifest.id },
  });
}
