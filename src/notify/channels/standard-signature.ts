/** How an outgoing webhook is signed. Source: Standard Webhooks 1.0.0, symmetric signatures. */
import { createHmac } from 'node:crypto';

export interface Signable {
  readonly id: string;
  readonly timestampSeconds: number;
  /** Byte for byte as it is sent. */
  readonly body: string;
}

/** `v1,<base64>` for each secret, in the order given and divided by blanks: a receiver needs to know one of them. */
export function standardSignature(secrets: readonly string[], { id, timestampSeconds, body }: Signable): string {
  return secrets
    .map((secret) => {
      const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64');
      return `v1,${createHmac('sha256', key).update(`${id}.${timestampSeconds}.${body}`, 'utf8').digest('base64')}`;
    })
    .join(' ');
}
