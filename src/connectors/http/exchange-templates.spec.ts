/** Facts about mistakes in the templates of a manifest's connection part. */
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import { authSchema, limitsSchema, repliesSchema, signSchema } from './auth.schema.js';
import { exchangeTemplateIssues } from './exchange-templates.js';

it('are found together, each with its path', () => {
  const issues = exchangeTemplateIssues({
    baseUrl: '${config.url}',
    auth: authSchema.parse({
      type: 'token',
      request: { post: '/token', form: { a: '${secret.nobody}' } },
      token: 't',
      place: { query: 'q' },
    }),
    sign: signSchema.parse({
      algorithm: 'hmac-sha256',
      key: '${secret.key}',
      over: '${signature}',
      headers: { S: '${signature}', T: '${time}' },
    }),
    secrets: ['key'],
    config: ['baseUrl'],
  });
  expect(issues.map((issue) => issue.path.join('.'))).toEqual([
    'baseUrl',
    'auth.request.form.a',
    'sign.over',
    'sign.headers.T',
  ]);
});

it.each(['bureau', 'payroll', 'attendance', 'agency'])('are not in the %s manifest', (name) => {
  const manifest = parse(
    readFileSync(new URL(`../../../manifests/sandbox-${name}.yaml`, import.meta.url), 'utf8'),
  ) as Record<string, unknown>;
  const sign = manifest['sign'] === undefined ? undefined : signSchema.parse(manifest['sign']);
  limitsSchema.parse(manifest['limits']);
  repliesSchema.parse(manifest['replies']);
  const issues = exchangeTemplateIssues({
    baseUrl: manifest['baseUrl'] as string,
    auth: authSchema.parse(manifest['auth']),
    sign,
    secrets: manifest['secrets'] as string[],
    config: Object.keys(manifest['config'] as object),
  });
  expect(issues).toEqual([]);
});
