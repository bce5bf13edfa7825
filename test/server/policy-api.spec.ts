/** Whether the policy answers over HTTP as it does at the terminal, refuses what is wrong, and describes itself truly. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { backPaymentAnswer, quoteAnswer, regionsAnswer } from '../../src/cli/serve/policy.http.js';
import { type ServingHub, serveHub } from '../../src/cli/serve/serve-hub.js';
import { loadHubConfig } from '../../src/platform/config/hub-config.js';
import { silentLog } from '../../src/platform/log/log.js';
import { DEMO_OVERLAY } from '../policy/books.js';
import { type TestDatabase, openTestDatabase } from '../support/test-database.js';

const KEY = Buffer.alloc(32, 7).toString('base64');

describe('the policy over HTTP', () => {
  let test: TestDatabase;
  let folder: string;
  let serving: ServingHub;
  beforeAll(async () => {
    test = await openTestDatabase();
    folder = mkdtempSync(join(tmpdir(), 'policy-api-'));
    const file = join(folder, 'hub.yaml');
    writeFileSync(
      file,
      [
        'version: 1',
        'database: { url: "${DATABASE_URL}", allowUnsafeFsync: true }',
        'keys: { current: k1, identity: { k1: "${KEY}" }, blindIndex: "${KEY}" }',
        'server: { port: 0 }',
        'tenants:',
        `  - { id: company-a, name: 甲公司, overlay: '${DEMO_OVERLAY}' }`,
        '  - { id: company-b, name: 乙公司 }',
        '',
      ].join('\n'),
    );
    const config = loadHubConfig(file, { DATABASE_URL: test.url, KEY });
    serving = await serveHub({ config, log: silentLog(), threads: 0, role: 'server' });
  });
  afterAll(async () => {
    await serving.stop();
    rmSync(folder, { recursive: true });
    await test.close();
  });

  async function ask(path: string): Promise<{ status: number; body: Record<string, unknown> }> {
    const reply = await fetch(`${serving.url}/api/${path}`);
    return { status: reply.status, body: (await reply.json()) as Record<string, unknown> };
  }

  const LI = 'region=440300&wage=18000&hukou=other';

  it('quotes a month exactly as its description says, to the fen', async () => {
    const { status, body } = await ask(`policy/quote?${LI}&month=2023-03&insurance=pension,medical&tenant=company-b`);
    expect(status).toBe(200);
    expect(quoteAnswer.parse(body)).toMatchObject({ totals: { employeeFen: 180_000 }, month: '2023-03' });
  });

  it("lays over the figures the overlay of the tenant that is named, and no other's", async () => {
    const question = 'policy/backpay?region=330100&wage=18000&gap=2022-11&hired=2023-03-06&asOf=2023-03-20';
    const a = backPaymentAnswer.parse((await ask(`${question}&tenant=company-a`)).body);
    const b = backPaymentAnswer.parse((await ask(`${question}&tenant=company-b`)).body);
    expect(a.channels.flatMap(({ deadlines }) => deadlines.map(({ rule }) => rule.overlay?.by))).toContain(
      'the demo (no bureau was asked)',
    );
    expect(JSON.stringify(b)).not.toContain('the demo (no bureau was asked)');
  });

  it('answers whether a gap may be paid back, with the days of its late fee', async () => {
    const { body } = await ask(`policy/backpay?${LI}&gap=2023-01&hired=2023-03-06&asOf=2023-03-20&tenant=company-a`);
    const advice = backPaymentAnswer.parse(body);
    expect(advice).toMatchObject({ verdict: 'eligible', lastDay: '2023-03-21', registerUntil: '2023-04-05' });
    expect(advice.cells[0]?.lateFee.segments).toEqual([
      { from: '2023-02-26', until: '2023-03-20', days: 22, ratePpm: 500 },
    ]);
    expect(advice.text.zh[0]).toContain('断缴风险');
  });

  it('lists regions by code and name', async () => {
    const { body } = await ask('policy/regions?q=深圳&tenant=company-b');
    expect(regionsAnswer.parse(body).regions).toEqual([{ code: '440300', zh: '深圳市', en: 'Shenzhen' }]);
  });

  it.each([
    ['quote?region=440300&month=2023-13&wage=abc&tenant=company-a', 'bad-request', /wage .*; month /s],
    ['quote?region=440300&region=1&month=2023-03&wage=1&tenant=company-a', 'bad-request', /region {2}does not fit/],
    ['quote?region=440300&month=2023-03&wage=1&colour=red&tenant=company-a', 'bad-request', /colour {2}is not known/],
    ['quote?region=999999&month=2023-03&wage=1&tenant=company-a', 'unknown-region', /999999/],
    ['quote?region=440300&month=2023-03&wage=1', 'which-tenant', /company-a, company-b/],
    [
      'backpay?region=440300&wage=1&gap=2023-05&hired=2023-03-06&asOf=2023-03-20&tenant=company-a',
      'gap-not-over',
      /2023-05/,
    ],
  ])('refuses %s', async (path, code, message) => {
    expect(await ask(`policy/${path}`)).toEqual({
      status: 400,
      body: { code, message: expect.stringMatching(message), next: 'fix-config' },
    });
  });

  it('is described by a document whose references all lead somewhere', async () => {
    const { status, body } = await ask('openapi.json');
    expect(status).toBe(200);
    expect(Object.keys(body['paths'] as object)).toContain('/api/policy/quote');
    const references = [...JSON.stringify(body).matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map(
      ([, name]) => name,
    );
    const { schemas } = body['components'] as { schemas: object };
    expect(references.length).toBeGreaterThan(5);
    expect(references.filter((name) => name === undefined || !(name in schemas))).toEqual([]);
  });
});
