/** How a request is signed: a template over the exact bytes that will be sent, an algorithm, and where the signature travels. */
import { createHash, createHmac, createPrivateKey, createSign, randomBytes, type KeyObject } from 'node:crypto';
import { HubError } from '../../domain/hub-error.js';
import type { Clock } from '../../platform/clock/clock.js';
import { SIGN_VARIABLES, type Sign } from './auth.schema.js';
import { queryText, setQuery, sortedPlainQueryText, sortedQueryText, type RequestDraft } from './request-draft.js';
import { compileText, type TemplateValues } from './template.js';

/** Signs a draft in place. Must be the last change before sending. */
export type Signer = (draft: RequestDraft) => void;

export interface SignerOptions {
  readonly sign: Sign;
  /** `secret` and `config`, as every template of the connection sees them. */
  readonly values: TemplateValues;
  /** Their dotted names. */
  readonly variables: readonly string[];
  readonly clock: Clock;
  /** Replaceable for tests; by default random lower-case hex of the declared length. */
  readonly nonce?: () => string;
}

type Text = (values: TemplateValues) => string;
interface Placing {
  readonly name: string;
  readonly render: Text;
  readonly isSigned: boolean;
}

/** Compiles the `sign` section once. Throws HubError `bad-template`. */
export function compileSigner({
  sign,
  values,
  variables,
  clock,
  nonce = () => randomNonce(sign.nonce.length),
}: SignerOptions): Signer {
  const scope = { variables: [...SIGN_VARIABLES, ...variables] };
  const over = compileText(sign.over, scope, 'sign.over');
  const key = sign.key === undefined ? null : compileText(sign.key, scope, 'sign.key');
  const algorithm = algorithmOf(sign);
  const query = placingsOf(sign.query, 'sign.query', scope.variables);
  const headers = placingsOf(sign.headers, 'sign.headers', scope.variables);
  return (draft) => {
    const stamp = { ...values, timestamp: stampOf(sign, clock), nonce: nonce() };
    for (const placing of query) if (!placing.isSigned) setQuery(draft, placing.name, placing.render(stamp));
    const signed = { ...stamp, ...describing(draft) };
    const signature = encoded(algorithm(over(signed), key?.(signed) ?? ''), sign.encode);
    const told = { ...stamp, signature };
    for (const placing of query) if (placing.isSigned) setQuery(draft, placing.name, placing.render(told));
    for (const placing of headers) draft.headers[placing.name] = placing.render(told);
  };
}

function placingsOf(
  section: Readonly<Record<string, string>>,
  where: string,
  variables: readonly string[],
): readonly Placing[] {
  return Object.entries(section).map(([name, template]) => ({
    name,
    render: compileText(template, { variables: [...variables, 'signature'] }, `${where}.${name}`),
    isSigned: /\$\{\s*signature\b/.test(template),
  }));
}

/** Read only when a template names it: hashing a large body is not free. */
function describing(draft: RequestDraft): TemplateValues {
  const body = draft.body ?? '';
  return {
    method: draft.method,
    path: draft.path,
    body,
    get query() {
      return queryText(draft);
    },
    get sortedQuery() {
      return sortedQueryText(draft);
    },
    get sortedQueryRaw() {
      return sortedPlainQueryText(draft);
    },
    get bodySha256() {
      return createHash('sha256').update(body, 'utf8').digest('hex');
    },
    get bodyMd5() {
      return createHash('md5').update(body, 'utf8').digest('hex');
    },
  };
}

function stampOf(sign: Sign, clock: Clock): string {
  const ms = clock.now().getTime();
  return String(sign.timestamp.unit === 'ms' ? ms : Math.floor(ms / 1000));
}

type Algorithm = (over: string, keyText: string) => Buffer;

function algorithmOf(sign: Sign): Algorithm {
  switch (sign.algorithm) {
    case 'md5':
      return (over) => createHash('md5').update(over, 'utf8').digest();
    case 'hmac-sha1':
    case 'hmac-sha256': {
      const hash = sign.algorithm.slice('hmac-'.length);
      return (over, keyText) => createHmac(hash, Buffer.from(keyText, sign.keyEncoding)).update(over, 'utf8').digest();
    }
    case 'rsa-sha256':
    case 'rsa-md5': {
      const name = sign.algorithm.toUpperCase();
      const keyOf = rememberKey();
      return (over, keyText) => createSign(name).update(over, 'utf8').sign(keyOf(keyText));
    }
  }
}

/** Parsing a private key costs more than signing with it. */
function rememberKey(): (keyText: string) => KeyObject {
  let known: { readonly text: string; readonly key: KeyObject } | null = null;
  return (keyText) => {
    known = known?.text === keyText ? known : { text: keyText, key: privateKeyOf(keyText) };
    return known.key;
  };
}

/** PEM, or the bare base64 of a PKCS #8 key as some vendors hand it out. */
function privateKeyOf(keyText: string): KeyObject {
  try {
    return keyText.includes('-----BEGIN')
      ? createPrivateKey(keyText.replaceAll('\\n', '\n'))
      : createPrivateKey({ key: Buffer.from(keyText, 'base64'), format: 'der', type: 'pkcs8' });
  } catch {
    throw new HubError({
      code: 'bad-key',
      next: 'fix-config',
      message: 'The signing key of this connection is not an RSA private key; expected PEM or base64 PKCS #8.',
    });
  }
}

function encoded(signature: Buffer, encode: Sign['encode']): string {
  switch (encode) {
    case 'hex':
      return signature.toString('hex');
    case 'hex-upper':
      return signature.toString('hex').toUpperCase();
    case 'base64':
      return signature.toString('base64');
  }
}

function randomNonce(length: number): string {
  return randomBytes(Math.ceil(length / 2))
    .toString('hex')
    .slice(0, length);
}
