/** Who is told what of a tenant, with secrets resolved and every endpoint checked. */
import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { NotifyLanguage, WrittenMessage, WrittenNotify, WrittenWebhook } from './notify.schema.js';
import type { SecretReference } from './schema-words.js';
import type { SecretResolver } from './secret-resolver.js';
import type { Secret } from './secrets.js';
import type { DocumentIssue, DocumentPath } from './yaml-document.js';

export interface WebhookEndpoint extends Omit<WrittenWebhook, 'secrets'> {
  readonly channel: 'webhook';
  readonly secrets: readonly Secret[];
}

type Resolved<S> = { readonly [K in keyof S]: undefined extends S[K] ? Secret | undefined : Secret };
/** Applied to each kind of endpoint apart, so that its own fields stay its own. */
type WithSecrets<M> = M extends { readonly secrets: infer S }
  ? Omit<M, 'secrets' | 'events' | 'language'> & {
      readonly secrets: Resolved<S>;
      readonly events: readonly string[];
      readonly language: NotifyLanguage;
    }
  : never;
export type MessageEndpoint = WithSecrets<WrittenMessage>;
export type NotifyEndpoint = WebhookEndpoint | MessageEndpoint;

/** One list of endpoints; their ids are unique in the tenant. */
export type NotifyConfig = readonly NotifyEndpoint[];

/** Where an endpoint tells employees, what happens to one person; else what needs HR. */
const EMPLOYEE_EVENTS = ['case.*'];
const HR_EVENTS = ['run.suspended', 'finding.opened', 'operation.dead', 'connection.*', 'case.*'];
/** Bytes of a Standard Webhooks secret. */
const SECRET_BYTES = { least: 24, most: 64 } as const;

export interface NotifyPlace {
  readonly written: WrittenNotify;
  /** Of the section in hub.yaml. */
  readonly path: DocumentPath;
  readonly folder: string;
  readonly secrets: SecretResolver;
  /** Ids of the tenant's connections. */
  readonly connections: readonly string[];
}

/** What is wrong with it is added to the issues of `secrets`. */
export function resolveNotify({ written, path, folder, secrets, connections }: NotifyPlace): NotifyConfig {
  const webhooks = written.webhooks.map((webhook, index): WebhookEndpoint => {
    const at = [...path, 'webhooks', index, 'secrets'];
    const list = secrets.list(webhook.secrets, at);
    list.forEach((secret, place) => secrets.issues.push(...signingIssues(secret, [...at, place])));
    return { ...webhook, channel: 'webhook', secrets: list };
  });
  const messages = written.messages.map((message, index): MessageEndpoint => {
    const at = [...path, 'messages', index];
    const address = 'address' in message ? message.address : undefined;
    const file = address?.file === undefined ? {} : { file: resolve(folder, address.file) };
    secrets.issues.push(...receiverIssues(message, at), ...addressIssues({ ...address, ...file }, connections, at));
    const events = message.events ?? (address === undefined ? HR_EVENTS : EMPLOYEE_EVENTS);
    const given = Object.entries<SecretReference | undefined>(message.secrets);
    const named = Object.fromEntries(given.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])));
    const resolved = secrets.record(named, [...at, 'secrets']);
    const language = message.language ?? written.language;
    // The keys are those of the schema of this very channel.
    const reached = address === undefined ? {} : { address: { ...address, ...file } };
    return { ...message, ...reached, events, language, secrets: resolved } as unknown as MessageEndpoint;
  });
  const endpoints = [...webhooks, ...messages];
  secrets.issues.push(...repeatedEndpoints(written, path));
  return endpoints;
}

function signingIssues(secret: Secret, path: DocumentPath): DocumentIssue[] {
  const text = secret.reveal();
  if (text === '') return [];
  const bytes = Buffer.from(text.replace(/^whsec_/, ''), 'base64').length;
  const isBase64 = /^(?:whsec_)?[A-Za-z0-9+/]+={0,2}$/.test(text);
  if (isBase64 && bytes >= SECRET_BYTES.least && bytes <= SECRET_BYTES.most) return [];
  const message = `is not a signing secret; expected whsec_ and base64 of ${SECRET_BYTES.least} to ${SECRET_BYTES.most} random bytes, for example from: echo "whsec_$(openssl rand -base64 32)"`;
  return [{ path, message }];
}

function receiverIssues(message: WrittenMessage, path: DocumentPath): DocumentIssue[] {
  if (!('to' in message)) return [];
  const isPersonal = message.address !== undefined;
  if (isPersonal === message.to.length > 0)
    return [{ path, message: 'needs either receivers under "to", or "address" to reach the employee concerned' }];
  if (message.channel === 'email' && message.user !== undefined && message.secrets.password === undefined)
    return [{ path: [...path, 'secrets'], message: 'has no password for the user; write password: ${NAME}' }];
  return [];
}

function addressIssues(
  { connection, file }: { readonly connection?: string | undefined; readonly file?: string | undefined },
  connections: readonly string[],
  path: DocumentPath,
): DocumentIssue[] {
  const issues: DocumentIssue[] = [];
  if (connection !== undefined && !connections.includes(connection))
    issues.push({
      path: [...path, 'address', 'connection'],
      message: `the tenant has no such connection; expected one of: ${connections.join(', ')}`,
    });
  if (file !== undefined && statSync(file, { throwIfNoEntry: false })?.isFile() !== true)
    issues.push({
      path: [...path, 'address', 'file'],
      message: 'there is no such file; expected a path relative to this file',
    });
  return issues;
}

function repeatedEndpoints({ webhooks, messages }: WrittenNotify, path: DocumentPath): DocumentIssue[] {
  const named = [
    ...webhooks.map(({ id }, index) => ({ id, path: [...path, 'webhooks', index, 'id'] })),
    ...messages.map(({ id }, index) => ({ id, path: [...path, 'messages', index, 'id'] })),
  ];
  return named.flatMap(({ id, path: at }, index) =>
    named.findIndex((other) => other.id === id) < index
      ? [{ path: at, message: `the id ${id} is already taken above; choose another` }]
      : [],
  );
}
