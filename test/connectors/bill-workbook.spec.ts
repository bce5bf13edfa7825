/** Facts about the bill that an agency sends as a workbook or CSV file: a row per person, insurance and month becomes a line. */
import { mkdir, mkdtemp, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { utils, write as writeWorkbook } from '@e965/xlsx';
import { openFileConnection } from '../../src/connectors/file/open-file-connection.js';
import { isFileManifest, loadAnyManifest } from '../../src/connectors/load-any-manifest.js';
import type { ReadPage } from '../../src/connectors/port.js';
import { day, month } from '../../src/domain/month.js';
import { fixedClock } from '../../src/platform/clock/clock.js';
import { silentLog } from '../../src/platform/log/log.js';

const MANIFEST = fileURLToPath(new URL('../../manifests/files-agency.yaml', import.meta.url));
const NOW = '2023-04-20T09:00:00+08:00';
const DAY_MS = 86_400_000;
const HEADINGS = [
  ...['账单编号', '账单月', '账单状态', '员工编号', '姓名', '险种', '费款所属月', '基数', '单位比例', '个人比例'],
  ...[
    '单位金额',
    '个人金额',
    '补缴_企业金额',
    '补缴_个人金额',
    '滞纳金_企业',
    '滞纳金_个人',
    '服务费',
    '应缴',
    '实缴',
    '差额',
  ],
  '委托单号',
];
const BACK = [
  ...['ZD202303', '202303', '已对账', 'A1', '李某', '养老', '202301', '18,000.00', '14%', '8%'],
  ...['', '', '2,520.00', '1,440.00', '59.40', '', '30.00', '4,049.40', '4,049.40', '0.00'],
  'WT-7',
];
const CURRENT = [
  ...['ZD202303', '202303', '未生效', 'A1', '李某', '医疗', '202303', 18000, 0.052, 0.02],
  ...[936, 360.5, '', '', '', '', '', 1296.5, '', ''],
  '',
];
const TOTAL = [
  '合计',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  '',
  936,
  360.5,
  2520,
  1440,
  59.4,
  '',
  30,
  5345.9,
  4049.4,
  '',
  '',
];

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buduan-bills-'));
  await mkdir(join(folder, 'inbox'));
});
afterEach(() => rm(folder, { recursive: true }));

type Lines = readonly (readonly unknown[])[];

async function put(name: string, bytes: Buffer | string, ageDays: number): Promise<void> {
  const path = join(folder, 'inbox', name);
  await writeFile(path, bytes);
  const at = new Date(Date.parse(NOW) - ageDays * DAY_MS);
  await utimes(path, at, at);
}

function workbook(lines: Lines): Buffer {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(lines.map((line) => [...line])), '账单');
  return writeWorkbook(book, { type: 'buffer', bookType: 'xlsx' }) as Buffer;
}

async function readBills(manifestPath = MANIFEST): Promise<readonly ReadPage[]> {
  const manifest = loadAnyManifest(manifestPath);
  if (!isFileManifest(manifest)) throw new Error('The manifest is one of files.');
  const connection = openFileConnection({
    ...{ tenantId: 'company-a', connectionId: 'agency', config: { folder, employerName: '示例公司' }, secrets: {} },
    ...{ manifest, manifestPath, log: silentLog(), clock: fixedClock(NOW) },
  });
  const pages: ReadPage[] = [];
  const request = {
    ...{ read: 'bills', window: { from: month('2022-10'), until: month('2023-04') }, asOf: day('2023-04-20') },
    ...{ cursor: null, owners: null, listOwners: () => Promise.resolve([]), signal: AbortSignal.timeout(60_000) },
  };
  for await (const page of connection.read(request)) pages.push(page);
  return pages;
}

const PAID_BACK = {
  ...{ billId: 'ZD202303', state: 'reconciled', insurance: 'pension', month: '2023-01', billedMonth: '2023-03' },
  ...{ orderId: 'WT-7', baseFen: 1_800_000, employeeFen: 0, employerFen: 0 },
  ...{ backPayEmployeeFen: 144_000, backPayEmployerFen: 252_000, lateFeeEmployerFen: 5_940, serviceFeeFen: 3_000 },
  ...{ dueFen: 404_940, paidFen: 404_940, differenceFen: 0 },
};

it('is read to the fen, current months and what is paid back, without its line of sums', async () => {
  await put('账单-202303.xlsx', workbook([HEADINGS, BACK, CURRENT, TOTAL]), 20);
  const [page] = await readBills();
  expect(page).toMatchObject({ rowCount: 3, rejected: [], end: { complete: true } });
  expect(page?.records.map(({ ownerKey, itemKey }) => [ownerKey, itemKey])).toEqual([
    ['A1', 'ZD202303|pension|2023-01|WT-7'],
    ['A1', 'ZD202303|medical|2023-03|-'],
  ]);
  const [back, current] = (page?.records ?? []).map(({ item }) => JSON.parse(JSON.stringify(item)) as unknown);
  expect(back).toEqual(PAID_BACK);
  expect(current).toEqual({
    ...{ billId: 'ZD202303', state: 'pending', insurance: 'medical', month: '2023-03', billedMonth: '2023-03' },
    ...{ baseFen: 1_800_000, employeeFen: 36_050, employerFen: 93_600, dueFen: 129_650 },
  });
});

it('is the same as a CSV file', async () => {
  const csv = (await readFile(MANIFEST, 'utf8'))
    .replace('files: inbox/账单*.xlsx', 'files: inbox/账单*.csv')
    .replace(
      'template: templates/',
      `template: ${fileURLToPath(new URL('../../manifests/templates/', import.meta.url))}`,
    );
  const path = join(folder, 'csv.yaml');
  await writeFile(path, csv);
  const quoted = (line: readonly unknown[]): string => line.map((cell) => `"${String(cell)}"`).join(',');
  await put('账单-202303.csv', [HEADINGS, BACK, TOTAL].map(quoted).join('\r\n'), 20);
  const [page] = await readBills(path);
  expect(page).toMatchObject({ rowCount: 2, rejected: [], end: { complete: true } });
  expect(page?.records.map(({ item }) => JSON.parse(JSON.stringify(item)) as unknown)).toEqual([PAID_BACK]);
});

it('stands beside those of other months, each a part of the whole; one that is too old proves nothing by its silence', async () => {
  await put('账单-202303.xlsx', workbook([HEADINGS, BACK]), 30);
  await put('账单-202304.xlsx', workbook([HEADINGS, BACK.map((cell) => (cell === 'ZD202303' ? 'ZD202304' : cell))]), 1);
  const pages = await readBills();
  const lines = pages.flatMap(({ records }) => records.map(({ itemKey }) => itemKey));
  expect(lines).toEqual(['ZD202303|pension|2023-01|WT-7', 'ZD202304|pension|2023-01|WT-7']);
  expect(pages.at(-1)?.end).toMatchObject({ complete: true });
  await put('账单-202208.xlsx', workbook([HEADINGS, BACK]), 240);
  expect((await readBills()).at(-1)?.end).toEqual({ complete: false, reason: 'stale-file' });
});

it('refuses an unknown word for its state and an amount that is none, and keeps the other lines', async () => {
  const strange = BACK.map((cell) => (cell === '已对账' ? '已作废' : cell));
  const wrong = BACK.map((cell) => (cell === '2,520.00' ? '2520.005' : cell));
  await put('账单-202303.xlsx', workbook([HEADINGS, strange, wrong, CURRENT]), 1);
  const [page] = await readBills();
  expect(page?.rejected).toMatchObject([
    { stream: 'bills', ownerKey: 'A1', field: 'state', reason: 'unknown-code' },
    { stream: 'bills', ownerKey: 'A1', field: 'backPayEmployerFen' },
  ]);
  expect(page?.records).toHaveLength(1);
});
