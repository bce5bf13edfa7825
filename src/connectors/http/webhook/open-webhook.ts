/** How the `webhook` section of a manifest and the secrets of a connection become its receiving end. */
import type { ConnectionOptions, Json } from '../../port.js';
import type {
  RefusalReason,
  VerifiedDelivery,
  WebhookPayload,
  WebhookReceiver,
  WebhookVerdict,
} from '../../webhook-port.js';
import type { Manifest } from '../manifest.schema.js';
import { compileValuePath, type ValueGetter } from '../mapping/compile-path.js';
import { scalarText } from '../mapping/scalar-text.js';
import { compileText } from '../template.js';
import { callbackKey } from './callback-crypto.js';
import {
  compileScheme,
  hashId,
  standardKey,
  type CompiledScheme,
  type OpenedEvent,
  type SignedStamp,
} from './compile-scheme.js';
import { compilePayload } from './compile-payload.js';
import { isFresh, liveSecrets } from './signature.js';
import { webhookSecretNames, type WebhookScheme, type WebhookSpec } from './webhook.schema.js';

type Values = Pick<ConnectionOptions, 'config' | 'secrets'>;

/** More than one event names at a time; a larger one is left to the next full run. */
const MAX_OWNERS = 200;
const MAX_ID_LENGTH = 200;
/** Shorter keys could be guessed. */
const MIN_KEY_BYTES = 16;

/** Null where the manifest has no such section or the connection gives none of its secrets. */
export function openWebhook(manifest: Manifest, { config, secrets }: Values): WebhookReceiver | null {
  const spec = manifest.webhook;
  if (spec === undefined || webhookSecretNames(spec.scheme).some((name) => (secrets[name] ?? '') === '')) return null;
  const variables = Object.keys(manifest.config).map((name) => `config.${name}`);
  const scheme = compileScheme(spec.scheme, {
    secretOf: (name) => secrets[name] ?? '',
    textOf: (template) => compileText(template, { variables }, 'webhook.scheme.owner')({ config }),
  });
  const describe = compileDescription(spec, scheme);
  const payload = compilePayload(manifest, config);
  return {
    maxBodyBytes: spec.maxBodyBytes,
    againSeconds: spec.againSeconds,
    refusalOf: (head) => refusalOfStamp(scheme.stampOf(head), head.now, spec.ageSeconds),
    verify: (call): WebhookVerdict => {
      const opened = scheme.open(call, spec.ageSeconds);
      switch (opened.is) {
        case 'refused':
          return { verdict: 'refused', reason: opened.reason };
        case 'address-check':
          return { verdict: 'address-check', answer: opened.answer };
        case 'event':
          return { verdict: 'delivery', delivery: describe(opened.event), answer: opened.answer };
      }
    },
    payloadOf: (text): WebhookPayload | null => {
      const event = scheme.parse(text);
      return event === undefined || payload === null ? null : payload(event);
    },
  };
}

/** What the secrets of a connection lack for the manifest's scheme; names only, never a value. */
export function webhookProblems(manifest: Manifest, secrets: Values['secrets']): readonly string[] {
  if (manifest.webhook === undefined) return [];
  const { scheme } = manifest.webhook;
  const names = webhookSecretNames(scheme);
  const given = names.filter((name) => (secrets[name] ?? '') !== '');
  if (given.length === 0) return [];
  return [
    ...names
      .filter((name) => !given.includes(name))
      .map((name) => `secrets.${name} is missing beside ${given.join(', ')}`),
    ...given.flatMap((name) => secretProblem(scheme, name, secrets[name] ?? '')),
  ];
}

function secretProblem(scheme: WebhookScheme, name: string, value: string): readonly string[] {
  switch (scheme.type) {
    case 'standard-webhooks':
      return liveSecrets(value).every((secret) => standardKey(secret).length >= MIN_KEY_BYTES)
        ? []
        : [`secrets.${name} is not a signing secret, expected "whsec_" and base64 of at least ${MIN_KEY_BYTES} bytes`];
    case 'hmac':
      return liveSecrets(value).every((secret) => Buffer.from(secret, scheme.keyEncoding).length >= MIN_KEY_BYTES)
        ? []
        : [
            `secrets.${name} is too short to sign with, expected at least ${MIN_KEY_BYTES} bytes as ${scheme.keyEncoding}`,
          ];
    case 'dingtalk':
    case 'wecom':
      return name !== scheme.aesKey || callbackKey(value) !== null
        ? []
        : [`secrets.${name} is not an AES key of callbacks, expected the 43 letters and digits of the console`];
    case 'feishu':
      return [];
  }
}

function refusalOfStamp(stamp: SignedStamp, now: Date, ageSeconds: number): RefusalReason | null {
  switch (stamp.is) {
    case 'unsigned':
      return 'unsigned';
    case 'in-body':
      return null;
    case 'signed':
      if (stamp.atMs === null) return 'forged';
      return isFresh(stamp.atMs, now, ageSeconds) ? null : 'stale';
  }
}

function compileDescription(spec: WebhookSpec, scheme: CompiledScheme): (event: OpenedEvent) => VerifiedDelivery {
  const declaredId = spec.deliveryId === undefined ? null : compileValuePath(spec.deliveryId);
  const ids = scheme.idPaths.map(compileValuePath);
  const types = (spec.event === undefined ? scheme.typePaths : [spec.event.path]).map(compileValuePath);
  const owners = spec.owners.map(compileValuePath);
  const wanted = spec.event?.in ?? null;
  return ({ text, headerId }) => {
    const event = scheme.parse(text);
    if (typeof event !== 'object' || event === null)
      return {
        deliveryId: boundedId(headerId ?? hashId(text)),
        eventType: null,
        ownerKeys: [],
        kind: 'not-understood',
        text,
      };
    const ownId = declaredId === null ? headerId : firstText([declaredId], event);
    const deliveryId = boundedId(ownId ?? firstText(ids, event) ?? hashId(text));
    const eventType = firstText(types, event);
    const isWanted = wanted === null || wanted.some((one) => String(one) === eventType);
    const ownerKeys = isWanted ? keysOf(owners, event) : [];
    const isTooMany = ownerKeys.length > MAX_OWNERS;
    return {
      deliveryId,
      eventType: eventType?.slice(0, 200) ?? null,
      ownerKeys: isTooMany ? [] : ownerKeys,
      kind: isWanted ? 'event' : 'unwanted',
      text,
    };
  };
}

function boundedId(id: string): string {
  return id.length <= MAX_ID_LENGTH ? id : hashId(id);
}

function firstText(getters: readonly ValueGetter[], event: Json): string | null {
  for (const get of getters) {
    const text = scalarText(get(event));
    if (text !== undefined && text !== '') return text;
  }
  return null;
}

function keysOf(getters: readonly ValueGetter[], event: Json): readonly string[] {
  const keys = new Set<string>();
  for (const get of getters) {
    const found = get(event);
    for (const one of Array.isArray(found) ? (found as readonly unknown[]) : [found]) {
      const key = scalarText(one);
      if (key !== undefined && key !== '' && key.length <= 256) keys.add(key);
    }
  }
  return [...keys].sort();
}
