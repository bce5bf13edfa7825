/** The reading commands of `buduan policy` as a person uses them: without a database, a configuration or a network. */
import { join } from 'node:path';
import { Command } from 'commander';
import { exitCodeOf, hubErrorText } from '../../src/cli/hub-error-text.js';
import { registerPolicyCommands } from '../../src/cli/policy/register-policy-commands.js';
import { ROOT, readRepositoryFile } from '../support/repository-files.js';

interface Outcome {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What `main.ts` does with the group, in this process: a process of its own costs seconds per question. */
async function policy(...args: string[]): Promise<Outcome> {
  const said = { stdout: '', stderr: '' };
  const streams = ['stdout', 'stderr'] as const;
  const before = streams.map((stream) => process[stream].write);
  for (const stream of streams) {
    process[stream].write = (text: string | Uint8Array): boolean => {
      said[stream] += String(text);
      return true;
    };
  }
  try {
    const program = new Command('buduan').exitOverride();
    registerPolicyCommands(program);
    await program.parseAsync(['policy', ...args], { from: 'user' });
    return { ...said, code: Number(process.exitCode ?? 0) };
  } catch (error) {
    return { stdout: said.stdout, stderr: `${said.stderr}${hubErrorText(error)}`, code: exitCodeOf(error) };
  } finally {
    streams.forEach((stream, position) => (process[stream].write = before[position] ?? process[stream].write));
    process.exitCode = undefined;
  }
}

it('shows a region by its name, with status, document and contradictions', async () => {
  const { code, stdout } = await policy('show', '深圳', '--month', '2023-07', '--insurance', 'pension');
  expect(code).toBe(0);
  expect(stdout).toMatch(/base_floor +│ 3523 ⚠ +│ 2023-07-01 │ confirmed +│ 440300 │ 深人社规〔2023〕9号/);
  expect(stdout).toContain('⚠ pension.base_floor: elsewhere 2360 (S1). 3523 stands in 深人社规〔2023〕9号');
});

it('says whole records as JSON, and nothing that only an overlay knows', async () => {
  const { stdout } = await policy('show', '440300', '--month', '2023-03', '--insurance', 'medical', '--json');
  const shown = JSON.parse(stdout) as {
    values: { parameter: string; value: string; status: string }[];
    unknown: string[];
  };
  expect(shown.unknown).toEqual([]);
  expect(shown.values.find(({ parameter }) => parameter === 'base_cap')).toMatchObject({
    value: '38892',
    status: 'unverified',
  });
  expect(shown.values.map(({ parameter }) => parameter)).not.toContain('hire_cut_off_day');
});

it('refuses a region nobody knows with what is near, and one name of several regions', async () => {
  const unknown = await policy('show', 'shenzen');
  const several = await policy('show', '吉林');
  expect(unknown).toMatchObject({ code: 2, stdout: '' });
  expect(unknown.stderr).toContain('near are 440300 深圳市');
  expect(several.stderr).toContain('220000 吉林省, 220200 吉林市');
});

it('refuses a quote for a month before any range, and says which month is the first', async () => {
  const quote = (...more: string[]): ReturnType<typeof policy> =>
    policy('quote', '--region', '440300', '--wage', '18000', ...more);
  const early = await quote('--month', '1990-01');
  expect(early).toMatchObject({ code: 2, stdout: '', stderr: expect.stringContaining('440300.pension in 1990-01') });
  expect(early.stderr).toContain('the first is of 2020-07');
  // Medical ranges begin a year later than pension ranges: what is known is answered.
  expect(await quote('--month', '2020-09')).toMatchObject({ code: 0, stdout: expect.stringContaining('1,440.00') });
});

it('points from a code that was given up to those that count', async () => {
  const { stderr } = await policy('show', '341400', '--insurance', 'pension');
  expect(stderr).toContain('341400 巢湖市 was given up on 2011-07-14 (国函〔2011〕84号); use 340100, 340200, 340500.');
});

it('searches by initials, the place with most figures first', async () => {
  const { stdout } = await policy('search', 'sz', '--json');
  const { regions } = JSON.parse(stdout) as { regions: { code: string }[] };
  expect(regions.map(({ code }) => code).slice(0, 2)).toEqual(['440300', '320500']);
});

it('counts what is covered in a month, as a table and as JSON', async () => {
  const ask = ['coverage', '--month', '2025-12', '--known-at', '2026-11-23'];
  const table = await policy(...ask);
  const json = await policy(...ask, '--json');
  expect(table.stdout).toContain('337 prefecture-level places');
  const coverage = JSON.parse(json.stdout) as {
    places: number;
    provinces: { code: string; places: number; counts: Record<string, Record<string, number>> }[];
    total: Record<string, Record<string, number>>;
  };
  expect(coverage).toMatchObject({ places: 337, total: { pension: { unknown: 0 } } });
  expect(coverage.provinces.find(({ code }) => code === '440000')).toMatchObject({ places: 21 });
});

it('alarms with an exit code a schedule can see', async () => {
  const { code, stdout } = await policy('alarms', '--on', '2027-03-01', '--kind', 'expired', '--region', '上海');
  expect(code).toBe(5);
  expect(stdout).toMatch(/expired +│ 310000 上海 │ medical +│ employer_rate │ 0\.09 +│ 2027-02-28/);
});

it('lays an overlay over the figures', async () => {
  const overlay = join(ROOT, 'examples/overlays/company-a.yaml');
  const ask = ['show', '440300', '--insurance', 'medical', '--all', '--json'];
  const { code, stdout } = await policy(...ask, '--overlay', overlay);
  expect(code).toBe(0);
  const { policy: version, values } = JSON.parse(stdout) as { policy: string; values: { status: string }[] };
  expect(version).toMatch(/\+company-a@/);
  expect(values.map(({ status }) => status)).toContain('overlay');
});

describe('with the configuration of a hub', () => {
  const variables = [...readRepositoryFile('examples/demo/hub.yaml').matchAll(/\$\{(\w+)\}/g)].map(
    ([, name]) => name ?? '',
  );
  beforeAll(() => {
    for (const name of variables) process.env[name] = name.endsWith('_URL') ? 'http://127.0.0.1:9' : 'x';
  });
  afterAll(() => {
    for (const name of variables) delete process.env[name];
  });

  it('lays the overlay of its tenant over the figures, and knows its tenants only', async () => {
    const config = ['--config', join(ROOT, 'examples/demo/hub.yaml')];
    const { stdout } = await policy('coverage', '--month', '2023-03', ...config);
    expect(stdout).toMatch(/policy [\d.]+\+company-a@/);
    const nobody = await policy('search', 'sz', ...config, '--tenant', 'nobody');
    expect(nobody).toMatchObject({ code: 2, stderr: expect.stringContaining('has no tenant "nobody"') });
  });
});
