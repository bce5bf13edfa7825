/** Which templates of `baseUrl`, `auth` and `sign` are wrong, all at once and each with its path in the manifest. */
import type { Json } from '../port.js';
import { SIGN_VARIABLES, type Auth, type Sign } from './auth.schema.js';
import { exchangeVariables } from './exchange.js';
import { compileTemplate, type TemplateIssue } from './template.js';

export interface ExchangeSections {
  readonly baseUrl: string;
  readonly auth: Auth;
  readonly sign?: Sign | undefined;
  /** Names of the declared secrets and config values. */
  readonly secrets: readonly string[];
  readonly config: readonly string[];
}

/** Empty where all is well. */
export function exchangeTemplateIssues({
  baseUrl,
  auth,
  sign,
  secrets,
  config,
}: ExchangeSections): readonly TemplateIssue[] {
  const declared = exchangeVariables(secrets, config);
  const signing = [...SIGN_VARIABLES, ...declared];
  return [
    ...issuesAt(['baseUrl'], baseUrl, declared),
    ...issuesAt(['auth'], authTemplates(auth), declared),
    ...issuesAt(['sign'], sign ? { key: sign.key ?? '', over: sign.over } : {}, signing),
    ...issuesAt(['sign'], sign ? { headers: sign.headers, query: sign.query } : {}, [...signing, 'signature']),
  ];
}

function authTemplates(auth: Auth): Json {
  switch (auth.type) {
    case 'none':
      return {};
    case 'basic':
      return { user: auth.user, password: auth.password };
    case 'api-key':
    case 'bearer':
      return { value: auth.value };
    case 'token':
      return { request: auth.request as unknown as Json };
  }
}

function issuesAt(
  path: readonly (string | number)[],
  source: Json,
  variables: readonly string[],
): readonly TemplateIssue[] {
  const built = compileTemplate(source, { variables });
  return built.ok ? [] : built.issues.map((issue) => ({ ...issue, path: [...path, ...issue.path] }));
}
