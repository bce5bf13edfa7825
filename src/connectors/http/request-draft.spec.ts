/** Facts about URLs, queries and bodies before they are sent. */
import { ConnectorError } from '../connector-error.js';
import {
  draftRequest,
  hrefOf,
  placeCredential,
  setQuery,
  sortedPlainQueryText,
  sortedQueryText,
  type DraftOptions,
  type RequestDraft,
} from './request-draft.js';

function draft(options: Partial<DraftOptions>): RequestDraft {
  return draftRequest({
    method: 'GET',
    baseUrl: 'https://hr.example.com/api',
    path: '/v1/persons',
    query: {},
    headers: {},
    mayLeaveHost: false,
    ...options,
  });
}

describe('the URL', () => {
  it('continues the base URL and leaves undefined parameters out', () => {
    expect(hrefOf(draft({ query: { limit: 10, cursor: undefined, q: 'a b' } }))).toBe(
      'https://hr.example.com/api/v1/persons?limit=10&q=a%20b',
    );
  });

  it('keeps the query of a relative path and replaces parameters of the same name', () => {
    expect(hrefOf(draft({ path: '/v1/persons?cursor=a%2Bb&limit=5', query: { limit: 10 } }))).toBe(
      'https://hr.example.com/api/v1/persons?cursor=a%2Bb&limit=10',
    );
  });

  it('takes an absolute link on the same host as it is', () => {
    expect(hrefOf(draft({ path: 'https://hr.example.com/api/v1/persons?page=2' }))).toBe(
      'https://hr.example.com/api/v1/persons?page=2',
    );
  });

  it('keeps https where a system behind a proxy writes http links', () => {
    expect(hrefOf(draft({ path: 'http://hr.example.com/api/v1/persons?page=2' }))).toBe(
      'https://hr.example.com/api/v1/persons?page=2',
    );
  });

  it.each([
    'https://evil.example.com/x',
    'https://hr.example.com:8443/x',
    '//evil.example.com/x',
    'https://hr.example.com@evil.example.com/',
    'javascript:alert(1)',
    'file:///etc/passwd',
  ])('refuses a link that leads away: %s', (path) => {
    expect(() => draft({ path })).toThrow(ConnectorError);
  });

  it('cannot be led away by a path that looks relative', () => {
    expect(new URL(hrefOf(draft({ path: '\\\\evil.example.com/x' }))).host).toBe('hr.example.com');
    expect(new URL(hrefOf(draft({ path: '@evil.example.com/x' }))).host).toBe('hr.example.com');
    expect(new URL(hrefOf(draft({ path: '.evil.example.com', baseUrl: 'https://hr.example.com' }))).host).toBe(
      'hr.example.com',
    );
  });

  it('is not changed any more by a URL parser', () => {
    const href = hrefOf(draft({ query: { "o'clock": "it's (1) *!~ 张三 +&=#", x: '%' } }));
    expect(new URL(href).href).toBe(href);
  });
});

describe('the sorted query', () => {
  it('sorts by name, then value, encoded or plain', () => {
    const sent = draft({ query: { b: '张 三', a: '2', limit: 1 } });
    expect(sortedQueryText(sent)).toBe('a=2&b=%E5%BC%A0%20%E4%B8%89&limit=1');
    expect(sortedPlainQueryText(sent)).toBe('a=2&b=张 三&limit=1');
  });
});

describe('credentials', () => {
  it('go into a header with a prefix, a query parameter or a cookie', () => {
    const sent = draft({ headers: { Cookie: 'lang=zh' } });
    placeCredential(sent, { header: 'Authorization', prefix: 'token ' }, 'k:s');
    placeCredential(sent, { query: 'access_token' }, 'a+b');
    placeCredential(sent, { cookie: 'sid' }, 'x;y');
    expect(sent.headers).toMatchObject({ Authorization: 'token k:s', Cookie: 'lang=zh; sid=x%3By' });
    expect(hrefOf(sent)).toContain('access_token=a%2Bb');
  });

  it('replace a parameter of the same name', () => {
    const sent = draft({ query: { access_token: 'old' } });
    setQuery(sent, 'access_token', 'new');
    expect(hrefOf(sent)).toBe('https://hr.example.com/api/v1/persons?access_token=new');
  });
});

describe('bodies', () => {
  it('are JSON or form text with the fitting content type', () => {
    const json = draft({ method: 'POST', body: { type: 'json', value: { a: [1, null] } } });
    expect([json.body, json.headers['Content-Type']]).toEqual(['{"a":[1,null]}', 'application/json']);
    const form = draft({
      method: 'POST',
      body: { type: 'form', value: { grant_type: 'client_credentials', scope: ['a', 'b c'] } },
    });
    expect([form.body, form.headers['Content-Type']]).toEqual([
      'grant_type=client_credentials&scope=a&scope=b%20c',
      'application/x-www-form-urlencoded',
    ]);
  });
});
