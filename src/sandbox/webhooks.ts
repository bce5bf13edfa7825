/** How do the four systems call whoever wants to hear of changes? Three in the manner of Standard Webhooks, attendance like an office platform. */
import { createCipheriv, createHash, createHmac, randomBytes } from 'node:crypto';
import { SANDBOX_CREDENTIALS } from './credentials.js';
import { empNo, memberId, personNo, userId } from './ids.js';
import type { WriteSystem } from './ledger.js';

export interface WebhookCounts {
  readonly to: string | null;
  readonly sent: number;
  readonly accepted: number;
  readonly refused: number;
  /** Nobody answered. */
  readonly failed: number;
}

/** A signed call, ready to be sent once or often. */
export interface SignedCall {
  /** Behind the address of the receiver, with its query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

const ANSWER_WITHIN_MS = 10_000;

export class Webhooks {
  #to: string | null;
  readonly #now: () => number;
  readonly #underWay = new Set<Promise<void>>();
  readonly #counts = { sent: 0, accepted: 0, refused: 0, failed: 0 };

  /** `to`: where `/bureau`, `/payroll`, `/attendance` and `/agency` are called; null = nobody listens. */
  constructor(to: string | null, now: () => number) {
    this.#to = to;
    this.#now = now;
  }

  get counts(): WebhookCounts {
    return { to: this.#to, ...this.#counts };
  }

  listen(to: string | null): void {
    this.#to = to;
  }

  /** Says that something about this employee changed. Does not wait for the answer; sends once. */
  tell(system: WriteSystem, index: number): void {
    const to = this.#to;
    if (to === null) return;
    const call = signedCall(system, index, { id: `evt_${randomBytes(12).toString('hex')}`, now: this.#now() });
    const sending = this.#send(`${to}${call.path}`, call).finally(() => this.#underWay.delete(sending));
    this.#underWay.add(sending);
  }

  async idle(): Promise<void> {
    await Promise.all(this.#underWay);
  }

  async #send(url: string, { headers, body }: SignedCall): Promise<void> {
    this.#counts.sent += 1;
    try {
      const signal = AbortSignal.timeout(ANSWER_WITHIN_MS);
      const reply = await fetch(url, { method: 'POST', headers, body, signal });
      await reply.arrayBuffer();
      if (reply.ok) this.#counts.accepted += 1;
      else this.#counts.refused += 1;
    } catch {
      this.#counts.failed += 1;
    }
  }
}

export interface CallTimes {
  readonly id: string;
  /** When it is sent, and signed. */
  readonly now: number;
  /** When what it tells of happened; a call that is sent again tells the same. Default: now. */
  readonly happenedAt?: number;
}

/** The call a system would make about an employee. */
export function signedCall(system: WriteSystem, index: number, { id, now, happenedAt = now }: CallTimes): SignedCall {
  switch (system) {
    case 'bureau':
      return standardCall(system, { id, now, happenedAt, person: { personNo: personNo(index) } });
    case 'payroll':
      return standardCall(system, { id, now, happenedAt, person: { empNo: empNo(index) } });
    case 'agency':
      return standardCall(system, { id, now, happenedAt, person: { memberId: memberId(index) } });
    case 'attendance':
      return sealedCall({ id, now, user: userId(index) });
  }
}

interface StandardEvent extends Required<CallTimes> {
  readonly person: Readonly<Record<string, string>>;
}

function standardCall(
  system: 'bureau' | 'payroll' | 'agency',
  { id, now, happenedAt, person }: StandardEvent,
): SignedCall {
  const body = JSON.stringify({ type: 'person.changed', timestamp: new Date(happenedAt).toISOString(), data: person });
  const timestamp = String(Math.floor(now / 1000));
  const key = Buffer.from(SANDBOX_CREDENTIALS[system].webhookSecret.slice('whsec_'.length), 'base64');
  const signature = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64');
  return {
    path: `/${system}`,
    headers: {
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': timestamp,
      'webhook-signature': `v1,${signature}`,
    },
    body,
  };
}

const PAD_BLOCK = 32;

function sealedCall({
  id,
  now,
  user,
}: {
  readonly id: string;
  readonly now: number;
  readonly user: string;
}): SignedCall {
  const { webhookToken, webhookAesKey, appKey } = SANDBOX_CREDENTIALS.attendance;
  const event = JSON.stringify({ EventType: 'user_modify_org', eventId: id, UserId: [user] });
  const text = Buffer.from(event, 'utf8');
  const length = Buffer.alloc(4);
  length.writeUInt32BE(text.length);
  const framed = Buffer.concat([randomBytes(16), length, text, Buffer.from(appKey, 'utf8')]);
  const pad = PAD_BLOCK - (framed.length % PAD_BLOCK);
  const key = Buffer.from(`${webhookAesKey}=`, 'base64');
  const cipher = createCipheriv('aes-256-cbc', key, key.subarray(0, 16)).setAutoPadding(false);
  const encrypt = Buffer.concat([
    cipher.update(Buffer.concat([framed, Buffer.alloc(pad, pad)])),
    cipher.final(),
  ]).toString('base64');
  const timestamp = String(now);
  const nonce = randomBytes(6).toString('hex');
  const signature = createHash('sha1').update([webhookToken, timestamp, nonce, encrypt].sort().join('')).digest('hex');
  return {
    path: `/attendance?msg_signature=${signature}&timestamp=${timestamp}&nonce=${nonce}`,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ encrypt }),
  };
}
