/** Facts about the contract suite: what a wrong manifest is told, and that no value of a person shows. */
import { readManifest } from '../../src/connectors/http/load-manifest.js';
import { runContract } from '../../src/connectors/contract/run-contract.js';
import type { ContractReport } from '../../src/connectors/contract/contract-report.js';
import { day } from '../../src/domain/month.js';
import { connectTo, manifestText, system, type ManifestParts } from './manifest-rig.js';
import { sendJson, type Answer } from './wire-server.js';

const VALID_ID = '11010519491231002X';

function parts(fields: string, rest = ''): ManifestParts {
  return {
    codes: '{ status: { A: insured, B: gap } }',
    reads: `  persons:
    request: { get: /p, query: { page: '\${page}' } }
    targeted: { batch: 10, request: { get: /p, query: { ids: '\${owners|join:,}' } } }
    rows: rows
    paging: { type: page, first: 1, pages: pages, total: total }
    owner: id
    emit: { persons: { fields: { ${fields} } } }`,
    writes: `  status:
    class: { type: overwrite }
    batch: 10
    request: { put: /status, json: '\${items}' }
    item: { id: '\${owner}', status: '\${status|code:status}' }
    results: { rows: results, key: id, matches: owner, ok: { path: ok, in: [true] } }${rest}`,
  };
}

async function contract(
  answer: Answer,
  of: ManifestParts,
  writeOwner: string | null = null,
): Promise<ContractReport & { readonly paths: readonly string[] }> {
  const server = await system(answer);
  const options = {
    manifest: readManifest(manifestText(of), 'm.yaml'),
    connection: connectTo(server, of),
    asOf: day('2023-03-20'),
    writeOwner,
    signal: new AbortController().signal,
  };
  return { ...(await runContract(options)), paths: server.seen.map((request) => `${request.method} ${request.url}`) };
}

const find = (report: ContractReport, name: string): ContractReport['checks'][number] | undefined =>
  report.checks.find((check) => check.name === name);

const listing =
  (rows: readonly Record<string, unknown>[]): Answer =>
  (request, response) => {
    const asked = new URL(request.url, 'http://system').searchParams.get('ids')?.split(',');
    const shown = rows.filter((row) => asked === undefined || asked.includes(String(row['id'])));
    if (request.method === 'PUT')
      sendJson(response, {
        results: (JSON.parse(request.body) as { id: string }[]).map(({ id }) => ({ id, ok: true })),
      });
    else sendJson(response, { rows: shown, pages: 1, total: shown.length });
  };

const FIELDS =
  'identity: { path: no, as: id-number }, name: name, status: { path: s, as: code, codes: status, optional: true }';

it('a right manifest passes everything except the words it cannot write', async () => {
  const report = await contract(listing([{ id: 'a', no: VALID_ID, name: '王某', s: 'A' }]), parts(FIELDS));
  expect(report.checks.filter((check) => !check.ok).map((check) => check.name)).toEqual(['write status: dry']);
  expect(find(report, 'write status: dry')?.says).toContain('back-paying, stopped, inconclusive');
  expect(report.paths.some((path) => path.startsWith('PUT'))).toBe(false);
});

it('writes back only for a person that was named', async () => {
  const report = await contract(listing([{ id: 'a', no: VALID_ID, name: 'x', s: 'A' }]), parts(FIELDS), 'a');
  expect(find(report, 'write status: sent')).toMatchObject({ ok: true, says: 'one item was accepted' });
  expect(report.paths.filter((path) => path.startsWith('PUT'))).toEqual(['PUT /status']);
});

it('a field that is not there is named with its path and the shape of a row, never with a value', async () => {
  const report = await contract(
    listing([{ id: 'a', no: VALID_ID, fullName: '王小明', s: 'A' }]),
    parts(FIELDS.replace('name: name', 'name: name, mobile: phone.mobile')),
  );
  const fields = find(report, 'read persons: fields');
  expect(fields).toMatchObject({ ok: false });
  expect(fields?.says).toContain(
    'persons.name missing-field × 1; first: persons.name from name in a row like { id: text(1), no: text(18), fullName: text(3), s: text(1) }',
  );
  expect(JSON.stringify(report)).not.toMatch(/王小明|1101051949/);
});

it('codes without a translation are listed', async () => {
  const report = await contract(
    listing([
      { id: 'a', no: VALID_ID, name: 'x', s: 'C' },
      { id: 'b', no: VALID_ID, name: 'x', s: 'D' },
    ]),
    parts(FIELDS),
  );
  expect(find(report, 'read persons: codes')).toMatchObject({
    ok: false,
    says: 'unknown codes in persons.status: C D',
  });
});

it('identity numbers sent as numbers are told apart from wrong ones', async () => {
  const report = await contract((_, response) => {
    response.writeHead(200, { 'content-type': 'application/json' });
    response.end('{"pages":1,"total":1,"rows":[{"id":"a","name":"x","no":110105194912310021}]}');
  }, parts(FIELDS));
  expect(find(report, 'read persons: identities')?.says).toContain('1 came as numbers');
});

it('a filter that the system ignores', async () => {
  const rows = Array.from({ length: 5 }, (_, index) => ({ id: `p${index}`, no: VALID_ID, name: 'x' }));
  const report = await contract((_, response) => sendJson(response, { rows, pages: 1, total: 5 }), parts(FIELDS));
  expect(find(report, 'read persons: targeted')).toMatchObject({ ok: false });
});

it('a total that does not match, and a list that is not where rows says', async () => {
  const short = await contract(
    (_, response) => sendJson(response, { rows: [{ id: 'a', no: VALID_ID, name: 'x' }], pages: 1, total: 9 }),
    parts(FIELDS),
  );
  expect(find(short, 'read persons: pages')?.says).toContain('total-mismatch');
  const moved = await contract((_, response) => sendJson(response, { result: [] }), parts(FIELDS));
  expect(moved).toMatchObject({ ok: false });
  expect(moved.checks[0]?.says).toContain('rows');
});

it('a system that cannot be reached ends the suite with one failed check', async () => {
  const report = await contract((_, response) => sendJson(response, {}, { status: 401 }), parts(FIELDS));
  expect(report.checks).toHaveLength(1);
  expect(report).toMatchObject({ ok: false });
});
