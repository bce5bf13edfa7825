/** Whether the commands say what they should, where they should, with the exit code that a script can rely on. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RunSummary } from '../../src/cli/run-summary.js';
import { ROOT } from '../support/repository-files.js';
import { type CliWorld, openCliWorld } from './run-cli.js';

const PAYROLL_MANIFEST = join(ROOT, 'manifests/sandbox-payroll.yaml');
const AS_OF = ['--as-of', '2023-03-20'];

let world: CliWorld;
beforeAll(async () => {
  world = await openCliWorld();
}, 300_000);
afterAll(() => world?.close());

describe('buduan before the first run', () => {
  it('names its commands', async () => {
    const { code, stdout, stderr } = await world.installed(['--help']);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const commands = [...stdout.matchAll(/^ {2}([a-z-]+)(?= )/gm)].map(([, name]) => name);
    const own =
      'run runs schedule start check status findings risk case approvals explain notifications operations plan quarantine policy webhooks dead-letters replay connection freeze thaw connector api-key audit keys person demo help'.split(
        ' ',
      );
    expect(commands).toEqual(own);
  });

  it('tells all errors of a configuration at once, each with its place', async () => {
    const config = join(world.folder, 'wrong.yaml');
    writeFileSync(
      config,
      'version: 1\ntenants:\n  - id: company-a\n    name: 7\n    lookBackMonths: many\nunheard: of\n',
    );
    const { code, stdout, stderr } = await world.buduan(['check', '--config', config]);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    const places = [...stderr.matchAll(/^ {2}\S*wrong\.yaml:(\d+):\d+ /gm)].map(([, line]) => line);
    expect(places.sort()).toEqual(['4', '5', '6']);
    expect(stderr).toContain('[config-invalid]');
  });

  it('accepts the example that everybody copies, once its variables are set', async () => {
    const config = join(ROOT, 'examples/hub.yaml');
    const without = await world.buduan(['status', '--config', config, '--tenant', 'nobody']);
    expect({ code: without.code, places: without.stderr.match(/hub\.yaml:\d+:\d+/g)?.length }).toEqual({
      code: 2,
      places: 3,
    });
    const variables = { BUDUAN_SERVER_TOKEN: 'x'.repeat(32), BUREAU_CLIENT_ID: 'x', BUREAU_CLIENT_SECRET: 'x' };
    const { stderr } = await world.buduan(['status', '--config', config, '--tenant', 'nobody'], variables);
    expect(stderr).toContain('has no tenant "nobody"');
  });

  it('finds everything that a run needs', async () => {
    const { code, stdout } = await world.installed(['check']);
    expect(code).toBe(0);
    expect(stdout).toContain('database: ok');
    expect(stdout).not.toContain('\u001b');
    for (const connection of ['bureau', 'payroll', 'attendance', 'agency'])
      expect(stdout).toMatch(new RegExp(`company-a.*${connection}.*yes`));
  });

  it('names the connection whose credentials are wrong, and not the credentials', async () => {
    const { code, stdout, stderr } = await world.buduan(['check', '--json'], {
      SANDBOX_PAYROLL_API_KEY: 'wrong-key-1',
    });
    expect(code).toBe(2);
    const { ok, connections } = JSON.parse(stdout) as {
      ok: boolean;
      connections: { connection: string; ok: boolean; says: string }[];
    };
    expect(ok).toBe(false);
    expect(connections.filter((each) => !each.ok).map((each) => each.connection)).toEqual(['payroll']);
    expect(stdout + stderr).not.toContain('wrong-key-1');
  });

  it('knows the tenants of its configuration only', async () => {
    const { code, stderr } = await world.buduan(['status', '--tenant', 'company-z']);
    expect(code).toBe(2);
    expect(stderr).toContain('no tenant "company-z"');
    expect(stderr).toContain('company-a');
  });
});

describe('buduan policy', () => {
  const LI = ['--region', '440300', '--wage', '18000', '--hukou', 'other'];
  const OVERLAY = ['--overlay', join(ROOT, 'examples/overlays/company-a.yaml')];
  // Neither a database nor a configuration: the commands are for whoever wants to check a figure.
  const alone = { DATABASE_URL: 'postgres://nobody@127.0.0.1:1/none', BUDUAN_CONFIG: '/nowhere/hub.yaml' };

  it('quotes a month with the source of every figure, for people and as one JSON object', async () => {
    const args = ['policy', 'quote', ...LI, '--month', '2023-03', '--insurance', 'pension,medical', ...OVERLAY];
    const told = await world.buduan([...args, '--lang', 'en'], alone);
    expect(told).toMatchObject({ code: 0, stdout: expect.stringMatching(/total .*1,800\.00/) });
    expect(told.stdout).toContain('pension employee_rate 0.08 ratio [');
    const { stdout } = await world.buduan([...args, '--json'], alone);
    expect(JSON.parse(stdout)).toMatchObject({
      totals: { employeeFen: 180_000 },
      insurances: [{ insurance: 'pension' }, {}],
    });
  });

  it('says whether a gap may be paid back, until when, and for what late fee', async () => {
    const args = [
      'policy',
      'backpay',
      ...LI,
      '--gap',
      '2023-01',
      '--hired',
      '2023-03-06',
      '--as-of',
      '2023-03-20',
      ...OVERLAY,
    ];
    const { code, stdout } = await world.buduan(args, alone);
    expect(code).toBe(0);
    for (const part of ['断缴风险', '2023-03-21', '1,440.00', '22 × 0.05% (2023-02-26 – 2023-03-19)'])
      expect(stdout).toContain(part);
  });

  it('packs a policy that another hub would take in, and shows what is new in it', async () => {
    const [key, pack] = ['key.pem', 'policy.pack'].map((name) => join(world.folder, name));
    const files = ['policy', 'pack', '--dir', join(ROOT, 'policy'), '--key', String(key), '--out', String(pack)];
    const unsigned = await world.buduan(files, alone);
    expect(unsigned).toMatchObject({ code: 2, stderr: expect.stringContaining('[key-file]') });
    expect(await world.buduan(['policy', 'keygen', '--out', String(key)], alone)).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/trustedKeys: \['ed25519:[A-Za-z0-9+/]{43}='\]/),
    });
    expect(await world.buduan(files, alone)).toMatchObject({ code: 0, stdout: expect.stringContaining('edition 20') });
    const diff = await world.buduan(['policy', 'diff', join(ROOT, 'policy'), String(pack)], alone);
    expect(diff.stdout).toMatch(/: 0 added, 0 changed, 0 removed\n$/);
  });
});

describe('buduan connector test', () => {
  const test = (manifest: string): Promise<{ code: number | null; stdout: string; stderr: string }> =>
    world.buduan(['connector', 'test', '--manifest', manifest, '--connection', 'payroll', ...AS_OF]);

  it('passes a manifest that the live system keeps', async () => {
    const config = join(world.folder, 'hub.yaml');
    const { code, stdout } = await world.buduan([
      'connector',
      'test',
      '--manifest',
      PAYROLL_MANIFEST,
      '--config',
      config,
      ...AS_OF,
    ]);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining('does what the manifest says') });
  });

  it('without a configuration checks the text alone', async () => {
    expect(await test(PAYROLL_MANIFEST)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('the text is right'),
    });
  });

  it('names the field whose path is wrong', async () => {
    const manifest = join(world.folder, 'wrong-path.yaml');
    writeFileSync(manifest, readFileSync(PAYROLL_MANIFEST, 'utf8').replace('path: certNo,', 'path: certNumber,'));
    const config = join(world.folder, 'hub.yaml');
    const args = ['connector', 'test', '--manifest', manifest, '--connection', 'payroll', '--config', config, '--json'];
    const { code, stdout } = await world.buduan([...args, ...AS_OF]);
    expect(code).toBe(1);
    const { ok, checks } = JSON.parse(stdout) as { ok: boolean; checks: { ok: boolean; says: string; name: string }[] };
    expect(ok).toBe(false);
    const said = checks.filter((check) => !check.ok).map((check) => `${check.name} ${check.says}`);
    expect(said.join('\n')).toContain('identity');
  });
});

describe('buduan run', () => {
  it('shows a plan and sends nothing with --dry-run', async () => {
    const { code, stdout } = await world.buduan(['run', '--dry-run', ...AS_OF]);
    expect(code).toBe(0);
    expect(stdout).toContain('would send');
    const stats = await (await fetch(`${world.sandbox.control}/_sandbox/report`)).json();
    expect(stats).toMatchObject({ ok: 0 });
  });

  it('puts one JSON object on standard output and progress elsewhere', async () => {
    const { code, stdout, stderr } = await world.buduan(['run', '--json', ...AS_OF]);
    expect({ code, lines: stdout.trim().split('\n').length }).toEqual({ code: 0, lines: 1 });
    const summary = JSON.parse(stdout) as RunSummary;
    expect(summary).toMatchObject({ state: 'succeeded', dryRun: false, exitCode: 0 });
    expect(summary.sent).toBeGreaterThan(0);
    expect(stderr).toMatch(/payroll\/wages\s+\d+ rows/);
    expect(await (await fetch(`${world.sandbox.control}/_sandbox/report`)).json()).toMatchObject({
      missing: 0,
      wrong: 0,
      extra: 0,
      duplicated: 0,
    });
  });
});

describe('buduan after a run', () => {
  it('tells how the tenant stands', async () => {
    const { code, stdout } = await world.buduan(['status', '--json']);
    expect(code).toBe(0);
    const status = JSON.parse(stdout) as { runs: { state: string }[]; persons: { count: number }[] };
    expect(status).toMatchObject({ tenant: 'company-a', runs: [{ state: 'succeeded' }, { state: 'succeeded' }] });
    expect(status.persons.reduce((sum, each) => sum + each.count, 0)).toBeGreaterThan(300);
  });

  it('lists who is likely to have a gap next, with the reasons and never an identity number', async () => {
    const { code, stdout } = await world.buduan(['risk', ...AS_OF, '--limit', '5', '--json']);
    expect(code).toBe(0);
    const told = JSON.parse(stdout) as {
      persons: number;
      likely: number;
      highest: { score: number; reasons: unknown[] }[];
    };
    expect(told.persons).toBeGreaterThan(told.likely);
    expect(told.highest).toHaveLength(5);
    for (const { score, reasons } of told.highest) expect([score > 0, reasons.length > 0]).toEqual([true, true]);
    expect(stdout).not.toMatch(/\d{17}[\dX]/);
  });

  it('counts findings, and lists those of one situation', async () => {
    const counted = await world.buduan(['findings']);
    expect(counted).toMatchObject({ code: 0, stdout: expect.stringContaining('gap-before-hire') });
    const listed = await world.buduan(['findings', '--situation', 'gap', '--json']);
    const { findings } = JSON.parse(listed.stdout) as { findings: { situation: string }[] };
    expect(new Set(findings.map((each) => each.situation))).toEqual(new Set(['gap']));
    const unheard = await world.buduan(['findings', '--situation', 'unheard']);
    expect({ code: unheard.code, tells: unheard.stderr.includes('Allowed choices') }).toEqual({ code: 1, tells: true });
  });

  it('shows a finding with what every source said, and sets it aside in the name of somebody', async () => {
    const listed = await world.buduan(['findings', 'list', '--situation', 'double-coverage', '--limit', '1', '--json']);
    const { findings } = JSON.parse(listed.stdout) as { findings: { findingId: string }[] };
    const id = findings[0]?.findingId ?? '';
    const shown = await world.buduan(['findings', 'show', id]);
    expect(shown).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('open: it closes when a read shows it no more'),
    });
    for (const said of [/bureau \(bureau\) said contributions:.*payer/, /payroll \(payroll\) said wages:.*gross/])
      expect(shown.stdout).toMatch(said);
    const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
    const aside = ['findings', 'set-aside', id, '--until', tomorrow, '--reason', 'ends soon'];
    expect((await world.buduan([...aside, '--by', 'Wang'])).code).toBe(0);
    const only = await world.buduan(['findings', 'list', '--aside', 'only']);
    expect([only.stdout.includes(id), only.stdout.includes(tomorrow)]).toEqual([true, true]);
    expect((await world.buduan(['findings', 'take-back', id, '--by', 'Wang', '--reason', 'it goes on'])).code).toBe(0);
    expect(await world.buduan(['findings', 'show', '00000000-0000-4000-8000-000000000000'])).toMatchObject({
      ...{ code: 2, stderr: expect.stringContaining('[unknown-finding]') },
    });
  }, 180_000);

  it('lists what waits for a second person, and decides about nothing that does not', async () => {
    const listed = await world.buduan(['approvals', 'list', '--json']);
    expect(listed.code).toBe(0);
    const { approvals } = JSON.parse(listed.stdout) as { approvals: { id: string; hash: string; makers: string[] }[] };
    for (const { id, hash } of approvals)
      expect([id, hash]).toEqual([expect.stringMatching(/^[a-z-]+:/), expect.any(String)]);
    const nobodys = ['plan:00000000-0000-4000-8000-000000000000', '--hash', 'a'.repeat(64), '--by', 'Chen'];
    expect(await world.buduan(['approvals', 'approve', ...nobodys])).toMatchObject({
      stderr: expect.stringContaining('[unknown-plan]'),
    });
    expect((await world.buduan(['approvals', 'show', 'nothing'])).stderr).toContain('[unknown-approval]');
  }, 180_000);

  it('explains the figure of Li, and shows his identity number to nobody', async () => {
    const { code, stdout } = await world.buduan(['explain', '--person', 'payroll:E000001', '--month', '2023-01']);
    expect(code).toBe(0);
    expect(stdout).toMatch(/1,?440/);
    expect(stdout).not.toMatch(/\d{17}[\dX]/);
    expect(await world.buduan(['explain', '--person', 'payroll:nobody'])).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[unknown-person]'),
    });
  });

  it('lists the ledger, and decides about it only in the name of somebody', async () => {
    expect(await world.buduan(['operations', 'list'])).toMatchObject({
      code: 0,
      stdout: expect.stringMatching(/payroll .* acknowledged/),
    });
    const nobody = await world.buduan(['operations', 'approve', '--all']);
    expect({ code: nobody.code, tells: nobody.stderr.includes('--by') }).toEqual({ code: 1, tells: true });
    const nothing = await world.buduan(['operations', 'approve', '--by', 'a.person']);
    expect(nothing).toMatchObject({ code: 2, stderr: expect.stringContaining('[which-operations]') });
  });

  it('shows what waits in quarantine, and tries it again', async () => {
    const waiting = await world.buduan(['quarantine', '--json']);
    expect(waiting.code).toBe(0);
    const { rows } = JSON.parse(waiting.stdout) as { rows: unknown[] };
    const which = await world.buduan(['replay']);
    expect(which).toMatchObject({ code: 2, stderr: expect.stringContaining('[which-letters]') });
    const listed = await world.buduan(['dead-letters', '--json']);
    const { letters } = JSON.parse(listed.stdout) as { letters: { stage: string; cause: string }[] };
    expect(letters.map(({ stage }) => stage)).toEqual(rows.map(() => 'read'));
    const dry = await world.buduan(['replay', '--stage', 'read', '--dry-run', '--json']);
    expect(JSON.parse(dry.stdout)).toEqual({ dryRun: true, letters });
    const replayed = await world.buduan(['replay', '--all', '--json']);
    expect({ code: replayed.code, ...(JSON.parse(replayed.stdout) as { tried: number }) }).toMatchObject({
      code: 0,
      tried: rows.length,
    });
  });
});

describe('a part of a run', () => {
  it('reads one person again everywhere, and sends nothing where nothing differs', async () => {
    const { code, stdout, stderr } = await world.buduan(['run', '--person', 'payroll:E000001', '--json', ...AS_OF]);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    const { reads, operations } = JSON.parse(stdout) as { reads: { connectionId: string }[]; operations: unknown[] };
    expect(reads.map(({ connectionId }) => connectionId)).toEqual(expect.arrayContaining(['bureau', 'payroll']));
    expect(operations).toEqual([]);
  });

  it('leaves a connection alone that is in maintenance, and says so', async () => {
    const hold = ['connection', 'maintenance', 'payroll', '--by', 'a.person', '--until', '2099-01-01T00:00+08:00'];
    expect(await world.buduan(hold)).toMatchObject({ code: 0 });
    const { code, stdout } = await world.buduan(['run', '--connection', 'payroll', ...AS_OF]);
    expect({ code, tells: stdout.includes('payroll/wages: failed, maintenance') }).toEqual({ code: 4, tells: true });
    expect(await world.buduan(['connection', 'resume', 'payroll', '--by', 'a.person'])).toMatchObject({ code: 0 });
    expect(await world.buduan(['run', '--connection', 'payroll', '--read', 'wages', ...AS_OF])).toMatchObject({
      code: 0,
    });
  });
});

describe('buduan keys', () => {
  it('goes over to the next keys, killed in the middle and gone on with, and drops the former ones', async () => {
    const next = { NEXT_IDENTITY_KEY: Buffer.alloc(32, 8).toString('base64') };
    const text = readFileSync(join(world.folder, 'hub.yaml'), 'utf8');
    const withKeys = (name: string, keys: string): Record<string, string> => {
      const file = join(world.folder, name);
      writeFileSync(file, text.replace(/^keys: .*$/m, `keys: ${keys}`));
      return { ...next, BUDUAN_CONFIG: file };
    };
    const both = withKeys(
      'both-keys.yaml',
      "{ current: k2, identity: { k1: '${BUDUAN_IDENTITY_KEY}', k2: '${NEXT_IDENTITY_KEY}' }, blindIndex: { current: b2, keys: { b1: '${BUDUAN_BLIND_INDEX_KEY}', b2: '${NEXT_IDENTITY_KEY}' } } }",
    );
    const own = withKeys(
      'next-keys.yaml',
      "{ current: k2, identity: { k2: '${NEXT_IDENTITY_KEY}' }, blindIndex: { current: b2, keys: { b2: '${NEXT_IDENTITY_KEY}' } } }",
    );
    const persons = async (variables: Record<string, string>): Promise<number> => {
      const { stdout } = await world.buduan(['status', '--json'], variables);
      const status = JSON.parse(stdout) as { persons: { count: number }[] };
      return status.persons.reduce((sum, each) => sum + each.count, 0);
    };
    const before = await persons({});
    expect(await world.buduan(['keys', 'status'], own)).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('[keys-unusable]'),
    });
    const rotate = ['keys', 'rotate', '--by', 'a.person', '--json'];
    const killed = await world.killedAt('person.id_number_enc: 10', [...rotate, '--batch', '10'], both);
    expect(killed).toMatchObject({ code: null, stdout: '' });
    const halfWay = JSON.parse((await world.buduan(['keys', 'status', '--json'], both)).stdout) as {
      keys: { keyId: string; state: string; values: Record<string, number> }[];
    };
    const resting = (keyId: string): number =>
      halfWay.keys.find((key) => key.keyId === keyId)?.values['person.id_number_enc'] ?? 0;
    expect([resting('k1') > 0, resting('k2') > 0]).toEqual([true, true]);
    expect(await world.buduan(['run', ...AS_OF], both)).toMatchObject({ code: 0 });
    const outcome = await world.buduan(rotate, both);
    expect(JSON.parse(outcome.stdout)).toMatchObject({ retired: ['b1', 'k1'], left: [] });
    expect(await persons(own)).toBe(before);
    expect(await world.buduan(['status'])).toMatchObject({ code: 2, stderr: expect.stringContaining('was closed by') });
  }, 240_000);
});
