/** What a refusal of the disk or of a file's contents means to the rest of the hub. */
import { systemCode } from '../../platform/config/config-error.js';
import { ConnectorError } from '../connector-error.js';

/** For errors of the file system; the path stays out of the message, because folders are named after people and firms. */
export function faultOfFolder(error: unknown): ConnectorError {
  if (error instanceof ConnectorError) return error;
  return new ConnectorError({ fault: 'folder-refused', saying: systemCode(error) });
}

export function unreadable(saying: string): ConnectorError {
  return new ConnectorError({ fault: 'file-unreadable', saying });
}
