/** Facts about systems reached through files: what is read from lists that people export, and what is written for them to upload. */
import { mkdir, mkdtemp, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { read as readWorkbook, utils, write as writeWorkbook } from '@e965/xlsx';
import { openFileConnection } from '../../src/connectors/file/open-file-connection.js';
import { isFileManifest, loadAnyManifest } from '../../src/connectors/load-any-manifest.js';
import type { Connection, ReadPage, ReadRequest, WriteItem } from '../../src/connectors/port.js';
import { day, month } from '../../src/domain/month.js';
import { fixedClock } from '../../src/platform/clock/clock.js';
import { silentLog } from '../../src/platform/log/log.js';

const MANIFEST = fileURLToPath(new URL('../../manifests/files-bureau.yaml', import.meta.url));
const NOW = '2023-03-20T09:00:00+08:00';
const HOUR_MS = 3_600_000;
const PERSON_HEADINGS = ['个人编号', '证件类型', '证件号码', '姓名'];
const LI = ['P1', '居民身份证', '11010519491231002X', '李某'];
const POSTING_HEADINGS = [
  '明细流水号',
  '个人编号',
  '费款所属期',
  '险种',
  '缴费类型',
  '到账标志',
  '单位编号',
  '参保地',
  '缴费基数',
  '个人缴费额',
  '单位缴费额',
];
const POSTING = ['S1', 'P1', '202302', '养老', '正常应缴', '已到账', 'E1', '440300', 18000, 1440, 2520.5];

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'buduan-files-'));
  await mkdir(join(folder, 'inbox'));
});
afterEach(() => rm(folder, { recursive: true }));

function open(): Connection {
  const manifest = loadAnyManifest(MANIFEST);
  if (!isFileManifest(manifest)) throw new Error('The manifest is one of files.');
  return openFileConnection({
    tenantId: 'company-a',
    connectionId: 'bureau',
    config: { folder, employerName: '示例公司' },
    secrets: {},
    manifest,
    manifestPath: MANIFEST,
    log: silentLog(),
    clock: fixedClock(NOW),
  });
}

type Lines = readonly (readonly unknown[])[];

function workbook(lines: Lines, bookType: 'xlsx' | 'biff8' = 'xlsx'): Buffer {
  const book = utils.book_new();
  utils.book_append_sheet(book, utils.aoa_to_sheet(lines.map((line) => [...line])), '明细');
  return writeWorkbook(book, { type: 'buffer', bookType }) as Buffer;
}

async function put(name: string, bytes: Buffer | string, ageHours = 1): Promise<void> {
  const path = join(folder, 'inbox', name);
  await writeFile(path, bytes);
  const at = new Date(Date.parse(NOW) - ageHours * HOUR_MS);
  await utimes(path, at, at);
}

async function pagesOf(read: string, changes: Partial<ReadRequest> = {}, connection = open()): Promise<ReadPage[]> {
  const pages: ReadPage[] = [];
  const request: ReadRequest = {
    read,
    window: { from: month('2022-10'), until: month('2023-04') },
    asOf: day('2023-03-20'),
    cursor: null,
    owners: null,
    listOwners: () => Promise.resolve([]),
    signal: AbortSignal.timeout(60_000),
    ...changes,
  };
  for await (const page of connection.read(request)) pages.push(page);
  return pages;
}

describe('a list in a folder', () => {
  it('is read from a workbook, the footer left out', async () => {
    await put(
      '缴费明细-202303.xlsx',
      workbook([POSTING_HEADINGS, POSTING, ['合计', '', '', '', '', '', '', '', '', 1440, 2520.5]]),
    );
    const [page, ...more] = await pagesOf('contributions');
    expect(more).toEqual([]);
    expect(page).toMatchObject({ rowCount: 2, rejected: [], next: null, end: { complete: true } });
    expect(page?.records).toMatchObject([
      {
        stream: 'contributions',
        ownerKey: 'P1',
        item: {
          month: '2023-02',
          insurance: 'pension',
          state: 'paid',
          baseFen: 1_800_000,
          employeeFen: 144_000,
          employerFen: 252_050,
        },
      },
    ]);
  });

  it('takes the newest of several files, and the rows of given persons alone', async () => {
    await put('参保人员-1.xlsx', workbook([PERSON_HEADINGS, ['P9', '居民身份证', '110105194912310011', '王某']]), 20);
    await put(
      '参保人员-2.xlsx',
      workbook([PERSON_HEADINGS, LI, ['P2', '居民身份证', '440308199901101512', '张某']]),
      2,
    );
    const [all] = await pagesOf('persons');
    expect(all?.records.map(({ ownerKey }) => ownerKey)).toEqual(['P1', 'P2']);
    const [some] = await pagesOf('persons', { owners: ['P2'] });
    expect(some?.records.map(({ ownerKey }) => ownerKey)).toEqual(['P2']);
  });

  it('refuses an identity number that a spreadsheet has kept as a number', async () => {
    await put('参保人员.xlsx', workbook([PERSON_HEADINGS, ['P1', '居民身份证', 110105194912310000, '李某'], LI]));
    const [page] = await pagesOf('persons');
    expect(page?.rejected).toMatchObject([{ ownerKey: 'P1', field: 'identity' }]);
    expect(page?.records).toHaveLength(1);
  });

  it.each([
    ['is not there', null, 0, /file-missing/],
    ['was changed a moment ago', workbook([PERSON_HEADINGS, LI]), 0, /file-growing/],
    ['is a web page with the ending of a workbook', '<html><table></table></html>', 1, /file-unreadable/],
    ['is an empty workbook', workbook([[]]), 1, /file-unreadable/],
  ])('that %s breaks the read off', async (_case, bytes, ageHours, fault) => {
    if (bytes !== null) await put('参保人员.xlsx', bytes, ageHours);
    await expect(pagesOf('persons')).rejects.toMatchObject({ code: expect.stringMatching(fault) as string });
  });

  it('that is old is read, and its silence proves nothing', async () => {
    await put('参保人员.xlsx', workbook([PERSON_HEADINGS, LI]), 72);
    const [page] = await pagesOf('persons');
    expect(page?.records).toHaveLength(1);
    expect(page?.end).toEqual({ complete: false, reason: 'stale-file' });
  });

  it('goes on where an earlier run stopped, and not in another file', async () => {
    const lines = Array.from({ length: 2500 }, (_, index) => [`P${index}`, '', '', `某${index}`]);
    await put('参保人员.xlsx', workbook([PERSON_HEADINGS, ...lines]));
    const pages = await pagesOf('persons');
    expect(pages.map(({ rowCount }) => rowCount)).toEqual([1000, 1000, 500]);
    const cursor = pages[1]?.next ?? null;
    const [rest] = await pagesOf('persons', { cursor });
    expect(rest).toMatchObject({ rowCount: 500, end: { complete: true } });
    await put('参保人员.xlsx', workbook([PERSON_HEADINGS, LI]), 2);
    expect(await pagesOf('persons', { cursor })).toMatchObject([
      { records: [], end: { complete: false, reason: 'source-changed' } },
    ]);
  });
});

describe('the rows of a table', () => {
  it('are the same out of .xlsx, .xls and a CSV in GB18030; days have no zone', async () => {
    const { tableRows } = await import('../../src/connectors/file/table-rows.js');
    const lines = [
      ['姓 名', '入职日期'],
      ['李某', { t: 'n', v: 44986, z: 'yyyy/m/d' }],
    ];
    await put('a.xlsx', workbook(lines));
    await put('a.xls', workbook(lines, 'biff8'));
    // 姓名,入职日期 / 李某,2023-03-01
    const bytes = 'd0d5c3fb2cc8ebd6b0c8d5c6da0d0a' + 'c0eec4b32c323032332d30332d30310d0a';
    await put('a.csv', Buffer.from(bytes, 'hex'));
    const shape = {
      csv: { delimiter: ',', encoding: 'gb18030' as const },
      sheet: undefined,
      header: undefined,
      columns: undefined,
      firstRow: undefined,
    };
    for (const name of ['a.xlsx', 'a.xls', 'a.csv']) {
      const rows: unknown[] = [];
      for await (const row of tableRows(join(folder, 'inbox', name), shape, AbortSignal.timeout(60_000)))
        rows.push({ ...row });
      expect([name, rows]).toEqual([name, [{ 姓名: '李某', 入职日期: '2023-03-01' }]]);
    }
    const utf8 = { ...shape, csv: { delimiter: ',', encoding: 'utf-8' as const } };
    const wrong = tableRows(join(folder, 'inbox', 'a.csv'), utf8, AbortSignal.timeout(60_000));
    await expect(wrong.next()).rejects.toThrow(/its bytes are not utf-8/);
  });
});

function item(key: string, changes: Partial<WriteItem['values']> = {}): WriteItem {
  const values = {
    insurance: 'pension',
    month: '2023-01',
    baseFen: 1_800_000,
    employeeFen: 144_000,
    employerFen: 252_000,
  };
  return { operationId: `op-${key}`, idempotencyKey: key, ownerKey: 'P1', values: { ...values, ...changes } };
}

const soon = (): AbortSignal => AbortSignal.timeout(60_000);

async function outbox(): Promise<readonly string[]> {
  return readdir(join(folder, 'outbox')).catch(() => []);
}

describe('an application by file', () => {
  it('takes the lines of a case one by one, and can be asked for each', () => {
    expect(open().declaration.writes).toEqual([
      {
        kind: 'back-payment',
        class: { type: 'queryable', consistent: true, maxProcessingMs: 0 },
        handedIn: true,
        batch: 500,
        perLine: true,
      },
    ]);
  });

  it('fills the template, keeps its look and moves down what stands below', async () => {
    const outcomes = await open().write({
      kind: 'back-payment',
      items: [item('k1'), item('k2', { insurance: 'medical' }), item('k3')],
      signal: soon(),
    });
    const [name = ''] = await outbox();
    expect(name).toMatch(/^补缴申请-20230320-[0-9a-f]{12}\.xlsx$/);
    expect(outcomes).toEqual(
      ['k1', 'k2', 'k3'].map((key) => ({ operationId: `op-${key}`, outcome: 'accepted', remoteRef: null })),
    );
    const sheet = readWorkbook(await readFile(join(folder, 'outbox', name)), { cellStyles: true }).Sheets['补缴申请'];
    const shown = (cell: string): unknown => (sheet?.[cell] as { readonly v?: unknown } | undefined)?.v;
    expect(['A1', 'B2', 'F2', 'H2'].map(shown)).toEqual(['社会保险费补缴申请表', '示例公司', '2023-03-20', 3]);
    expect(['A6', 'B6', 'C6', 'D6', 'E6', 'F6', 'H6'].map(shown)).toEqual([
      2,
      'P1',
      '医疗',
      '202301',
      18000,
      1440,
      'k2',
    ]);
    expect(shown('A9')).toBe('经办人（签字）：');
    expect((sheet?.['E7'] as { readonly z?: string } | undefined)?.z).toBe('#,##0.00');
  });

  it('is written once, whoever took the file away meanwhile', async () => {
    const first = open();
    await first.write({ kind: 'back-payment', items: [item('k1')], signal: soon() });
    const [name = ''] = await outbox();
    await rename(join(folder, 'outbox', name), join(folder, 'uploaded.xlsx'));
    const second = open();
    expect(await second.query('back-payment', item('k1'), soon())).toBe('found');
    expect(await second.query('back-payment', item('k2'), soon())).toBe('not-found');
    const again = await second.write({ kind: 'back-payment', items: [item('k1'), item('k2')], signal: soon() });
    expect(again).toMatchObject([{ outcome: 'accepted', remoteRef: null }, { outcome: 'accepted' }]);
    const [other = '', ...more] = await outbox();
    expect(more).toEqual([]);
    expect(readWorkbook(await readFile(join(folder, 'outbox', other))).Sheets['补缴申请']).toMatchObject({
      H2: { v: 1 },
      H5: { v: 'k2' },
    });
  });

  it('that was noted and not yet moved when the hub died is moved by whoever asks next', async () => {
    const first = open();
    await first.write({ kind: 'back-payment', items: [item('k1')], signal: soon() });
    const [name = ''] = await outbox();
    const batchId = name.slice(-17, -5);
    await rename(join(folder, 'outbox', name), join(folder, '.buduan', 'ready', `${batchId}.xlsx`));
    expect(await open().query('back-payment', item('k1'), soon())).toBe('found');
    expect(await outbox()).toEqual([name]);
  });

  it('whose disk refuses is unknown until the notes are asked', async () => {
    await writeFile(join(folder, 'outbox'), 'a file where the folder should be');
    const [outcome] = await open().write({ kind: 'back-payment', items: [item('k1')], signal: soon() });
    expect(outcome).toEqual({ operationId: 'op-k1', outcome: 'unknown', code: 'folder-refused' });
    expect(await open().query('back-payment', item('k1'), soon())).toBe('not-found');
  });

  it('refuses an item whose values the template cannot turn, and writes the others', async () => {
    const outcomes = await open().write({
      kind: 'back-payment',
      items: [item('k1', { insurance: 'pets' }), item('k2')],
      signal: soon(),
    });
    expect(outcomes).toMatchObject([{ outcome: 'rejected' }, { outcome: 'accepted' }]);
  });
});

it('says in a check whether the folder can be used and what is missing in it', async () => {
  expect(await open().check(soon())).toMatchObject({ ok: false, code: 'file-missing' });
  await put('参保人员.xlsx', workbook([PERSON_HEADINGS, LI]));
  await put('缴费明细.xlsx', workbook([POSTING_HEADINGS, POSTING]));
  await put('办理结果.xlsx', workbook([['个人编号']]));
  expect(await open().check(soon())).toEqual({ ok: true, detail: 'the folder holds the files of 3 reads' });
  expect((await stat(folder)).isDirectory()).toBe(true);
});

it('passes the contract suite with the lists of its example, and says which code it does not know', async () => {
  const { runContract } = await import('../../src/connectors/contract/run-contract.js');
  const contract = { manifest: loadAnyManifest(MANIFEST), asOf: day('2023-03-20'), signal: soon() };
  await put('参保人员.xlsx', workbook([PERSON_HEADINGS, LI]));
  await put('缴费明细.xlsx', workbook([POSTING_HEADINGS, POSTING]));
  await put('办理结果.xlsx', workbook([['个人编号']]));
  const report = await runContract({ ...contract, connection: open() });
  expect(report.checks.filter((check) => !check.ok)).toEqual([]);
  expect(report.checks.map(({ name }) => name)).toContain('write back-payment: dry');
  await put(
    '缴费明细.xlsx',
    workbook([POSTING_HEADINGS, POSTING.map((cell) => (cell === '养老' ? '工伤补充' : cell))]),
  );
  const { checks } = await runContract({ ...contract, connection: open() });
  expect(checks.find((check) => !check.ok)).toMatchObject({
    name: 'read contributions: codes',
    says: 'unknown codes in contributions.insurance: 工伤补充',
  });
});

it('names every mistake of such a manifest with its line', async () => {
  const text = (await readFile(MANIFEST, 'utf8'))
    .replace('files: inbox/参保人员*.xlsx', 'files: ../inbox/参保人员*.xlsx')
    .replace('-${batchId}.xlsx', '.xlsx');
  const path = join(folder, 'wrong.yaml');
  await writeFile(path, text);
  expect(() => loadAnyManifest(path)).toThrow(
    /wrong\.yaml:\d+:\d+ {2}reads\.persons\.files {2}leads out of the folder/,
  );
  await writeFile(path, text.replace('../inbox', 'inbox').replace('${config.employerName}', '${config.employer}'));
  expect(() => loadAnyManifest(path)).toThrow(/use \$\{batchId\} in the name[^]*|config\.employer/);
});
