/** Whose credentials a request carries: the `auth` section compiled for one connection. */
import type { Auth, CredentialPlace, TokenRequest } from './auth.schema.js';
import { draftRequest, placeCredential, type RequestDraft } from './request-draft.js';
import { compileOrThrow, compileText, type TemplateScope, type TemplateValues } from './template.js';
import { TokenSource, type TokenSourceOptions } from './token-source.js';

/** Puts credentials on drafts. */
export interface Credentials {
  /** Returns the token used, or null where the credentials never change. Throws ConnectorError with stage `auth`. */
  apply(draft: RequestDraft): Promise<string | null>;
  /** The system called this token expired; true where another attempt with a new one makes sense. */
  expired(token: string | null): boolean;
  /** A renewed token was refused too. */
  refused(token: string | null): void;
}

export interface CredentialsOptions extends Omit<TokenSourceOptions, 'auth' | 'draft'> {
  readonly auth: Auth;
  readonly baseUrl: string;
  readonly values: TemplateValues;
  readonly scope: TemplateScope;
}

/** Compiles the section. Throws HubError `bad-template`. */
export function compileCredentials(options: CredentialsOptions): Credentials {
  const { auth, values, scope } = options;
  switch (auth.type) {
    case 'none':
      return fixed(() => undefined);
    case 'basic': {
      const user = compileText(auth.user, scope, 'auth.user');
      const password = compileText(auth.password, scope, 'auth.password');
      const login = Buffer.from(`${user(values)}:${password(values)}`, 'utf8').toString('base64');
      return placed({ header: 'Authorization', prefix: 'Basic ' }, login);
    }
    case 'api-key':
      return placed(auth.place, compileText(auth.value, scope, 'auth.value')(values));
    case 'bearer':
      return placed(
        { header: 'Authorization', prefix: 'Bearer ' },
        compileText(auth.value, scope, 'auth.value')(values),
      );
    case 'token':
      return changing(new TokenSource({ ...options, auth, draft: tokenDraft(auth.request, options) }), auth.place);
  }
}

function placed(place: CredentialPlace, value: string): Credentials {
  return fixed((draft) => placeCredential(draft, place, value));
}

function fixed(place: (draft: RequestDraft) => void): Credentials {
  return {
    apply: (draft) => {
      place(draft);
      return Promise.resolve(null);
    },
    expired: () => false,
    refused: () => undefined,
  };
}

function changing(source: TokenSource, place: CredentialPlace): Credentials {
  return {
    apply: async (draft) => {
      const token = await source.current();
      placeCredential(draft, place, token);
      return token;
    },
    expired: (token) => {
      if (token !== null) source.forget(token);
      return true;
    },
    refused: (token) => {
      if (token !== null) source.refuse(token);
    },
  };
}

function tokenDraft(request: TokenRequest, { baseUrl, values, scope }: CredentialsOptions): () => RequestDraft {
  const path = compileText('get' in request ? request.get : request.post, scope, 'auth.request');
  const query = compileOrThrow(request.query ?? {}, scope, 'auth.request.query');
  const headers = compileOrThrow(request.headers ?? {}, scope, 'auth.request.headers');
  const type = 'form' in request && request.form ? 'form' : 'json' in request && request.json ? 'json' : null;
  const body =
    type === null || !('post' in request)
      ? null
      : compileOrThrow((type === 'form' ? request.form : request.json) ?? {}, scope, `auth.request.${type}`);
  return () =>
    draftRequest({
      method: 'get' in request ? 'GET' : 'POST',
      baseUrl,
      path: path(values),
      query: query(values) as Readonly<Record<string, string>>,
      headers: headers(values) as Readonly<Record<string, string>>,
      body: body === null || type === null ? undefined : { type, value: body(values) ?? null },
      // Vendors keep their token endpoints on hosts of their own; the manifest names them, the egress rules judge them.
      mayLeaveHost: true,
    });
}
