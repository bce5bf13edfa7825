/** A back-payment through an agency of files, which never says anything of an order: the bill it sends as a workbook does. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { type CaseWorld, openCaseWorld } from './case-world.js';
import { NEWCOMER, fileAgency } from './file-agency.js';

const BILL = [
  ...['账单编号', '账单月', '账单状态', '员工编号', '险种', '费款所属月', '基数', '单位金额', '个人金额'],
  ...['补缴_企业金额', '补缴_个人金额', '滞纳金_企业', '服务费', '应缴', '实缴', '差额'],
];
const WORDS: Readonly<Record<string, string>> = { pension: '养老', medical: '医疗', unemployment: '失业' };

const { folder, identityNumber, put, withIt, remove } = fileAgency({ manifest: 'files-agency.yaml', sheet: '账单' });
let world: CaseWorld;
beforeAll(async () => {
  put('代理名单.xlsx', [
    ['员工编号', '证件类型', '证件编号', '姓名'],
    ['A70', '居民身份证', identityNumber, '某'],
  ]);
  put('账单-202302.xlsx', [BILL]);
  world = await openCaseWorld({ employees: 400, everybody: true, tenant: withIt });
  await world.story.run();
  await world.quiet();
}, 120_000);
afterAll(async () => {
  await world.close();
  remove();
});

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
