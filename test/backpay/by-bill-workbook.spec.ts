/** A back-payment through an agency of files, which never says anything of an order: the bill it sends as a workbook does. */
import { mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { utils, write as writeWorkbook } from '@e965/xlsx';
import type { TenantConfig } from '../../src/platform/config/hub-config.js';
import { completeOptions } from '../../src/sandbox/options.js';
import { World } from '../../src/sandbox/world/world.js';
import { type CaseWorld, openCaseWorld } from './case-world.js';

/** An employee of this sandbox (400, seed 11) whose gap goes through the agency. */
const NEWCOMER = 70;
const MANIFESTS = fileURLToPath(new URL('../../manifests/', import.meta.url));
const BILL = [
  ...['账单编号', '账单月', '账单状态', '员工编号', '险种', '费款所属月', '基数', '单位金额', '个人金额'],
  ...['补缴_企业金额', '补缴_个人金额', '滞纳金_企业', '服务费', '应缴', '实缴', '差额'],
];
const WORDS: Readonly<Record<string, string>> = { pension: '养老', medical: '医疗', unemployment: '失业' };

const folder = mkdtempSync(join(tmpdir(), 'buduan-by-bill-'));
let world: CaseWorld;
beforeAll(async () => {
  mkdirSync(join(folder, 'inbox'));
  const people = new World(completeOptions({ employees: 400, seed: 11, profile: 'demo' }));
  const { number } = people.identityOf(people.lifeOf(NEWCOMER));
  put('代理名单.xlsx', [
    ['员工编号', '证件类型', '证件编号', '姓名'],
    ['A70', '居民身份证', number, '某'],
  ]);
  put('账单-202302.xlsx', [BILL]);
  world = await openCaseWorld({ employees: 400, everybody: true, tenant: withAgencyByFile });
  await world.story.run();
  await world.quiet();
}, 120_000);
afterAll(async () => {
  await world.close();
  rmSync(folder, { recursive: true });
});

function put(name: string, lines: readonly (readonly string[])[]): void {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(lines.map((line) => [...line])), '账单');
  writeFileSync(join(folder, 'inbox', name), writeWorkbook(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer);
}

/** The sandbox's agency without its write, and beside it the one of files. */
function withAgencyByFile(tenant: TenantConfig): TenantConfig {
  const agency = readFileSync(join(MANIFESTS, 'sandbox-agency.yaml'), 'utf8');
  writeFileSync(join(folder, 'agency.yaml'), agency.replace(/ {2}# One order per month[^]*?(?= {2}order-state:)/, ''));
  const files = readFileSync(join(MANIFESTS, 'files-agency.yaml'), 'utf8')
    .replace('template: templates/', `template: ${join(MANIFESTS, 'templates')}/`)
    .replaceAll('    files: ', '    settleSeconds: 0\n    files: ');
  writeFileSync(join(folder, 'agency-files.yaml'), files);
  const connections = tenant.connections.map((each) =>
    each.id === 'agency' ? { ...each, manifest: join(folder, 'agency.yaml') } : each,
  );
  const [like] = connections;
  if (like === undefined) throw new Error('The demo has connections.');
  const manifest = join(folder, 'agency-files.yaml');
  const config = { folder, employerName: '甲公司' };
  return { ...tenant, connections: [...connections, { ...like, id: 'agency-files', manifest, config, secrets: {} }] };
}

it('is paid line by line as the bill charges it, for the amounts agreed and in effect, and written out once', async () => {
  const standing = await world.caseOf(NEWCOMER);
  expect(standing.content).toMatchObject({ channel: 'agency', connectionId: 'agency-files' });
  const { caseId, state, lines } = await world.sign(standing.caseId);
  expect(state).toBe('submitted');
  expect(lines.length).toBeGreaterThan(1);
  const yuan = (fen: number): string => (fen / 100).toFixed(2);
  const billed = (word: string, offFen: number): readonly string[][] =>
    lines.map(({ insurance, month, baseFen, employeeFen, employerFen }, place) => {
      const [employee, employer] = [employeeFen ?? 0, (employerFen ?? 0) + (place === 0 ? offFen : 0)];
      const due = yuan(employee + employer + 3_000);
      const amounts = [
        yuan(baseFen ?? 0),
        '0.00',
        '0.00',
        yuan(employer),
        yuan(employee),
        '',
        '30.00',
        due,
        due,
        '0.00',
      ];
      return ['ZD202303', '202303', word, 'A70', WORDS[insurance] ?? '', month.replace('-', ''), ...amounts];
    });
  const bill = async (
    word: string,
    offFen: number,
  ): Promise<{ state: string; attention: string | null; paid: number }> => {
    put('账单-202303.xlsx', [BILL, ...billed(word, offFen)]);
    await world.read(NEWCOMER);
    const shown = await world.show(caseId);
    const paid = shown.lines.filter((line) => line.state === 'paid').length;
    return { state: shown.state, attention: shown.attention, paid };
  };
  expect(await bill('未生效', 0)).toEqual({ state: 'submitted', attention: null, paid: 0 });
  const otherwise = await bill('已生效', -1);
  expect(otherwise).toMatchObject({ state: 'submitted', paid: lines.length - 1 });
  expect(otherwise.attention).toContain(`the bill differs: ${lines[0]?.insurance ?? ''} ${lines[0]?.month ?? ''}`);
  expect(await bill('已对账', 0)).toEqual({ state: 'paid', attention: null, paid: lines.length });
  await world.story.run();
  await world.quiet();
  expect((await world.show(caseId)).state).toBe('paid');
  expect(readdirSync(join(folder, 'outbox'))).toHaveLength(1);
}, 90_000);
