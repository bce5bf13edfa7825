/** What a hub.yaml may say and what its author is told when it cannot be used. */
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { inspect } from 'node:util';
import { ConfigError } from './config-error.js';
import { environmentSchema, readEnvironment } from './environment.js';
import { type HubConfig, loadHubConfig } from './hub-config.js';
import { Secret, interpolate, revealAll } from './secrets.js';

const KEY = Buffer.alloc(32, 7).toString('base64');
const CANARY = 'CANARY-value-of-a-secret';
const VARIABLES = {
  BUDUAN_IDENTITY_KEY: KEY,
  BUDUAN_BLIND_INDEX_KEY: KEY,
  BUREAU_CLIENT_ID: 'client-1',
  BUDUAN_SERVER_TOKEN: `${CANARY}-of-the-api`,
  DATABASE_URL: `postgres://hub:${CANARY}@db:5432/hub`,
};

let folder = '';

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'hub-config-'));
  for (const room of ['manifests', 'overlays', 'secrets']) mkdirSync(join(folder, room));
  writeFileSync(join(folder, 'manifests/sandbox-bureau.yaml'), 'manifest: 1\n');
  writeFileSync(join(folder, 'overlays/company-a.yaml'), 'overlay: 1\n');
  writeFileSync(join(folder, 'secrets/bureau'), `${CANARY}\n`, { mode: 0o600 });
});

afterEach(() => rmSync(folder, { recursive: true }));

function load(text: string, variables: Record<string, string> = VARIABLES): HubConfig {
  writeFileSync(join(folder, 'hub.yaml'), text);
  return loadHubConfig(join(folder, 'hub.yaml'), variables);
}

function problems(text: string, variables: Record<string, string> = VARIABLES): string[] {
  try {
    load(text, variables);
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    expect(error).toMatchObject({ code: 'config-invalid', next: 'fix-config' });
    expect(`${error.message}${inspect(error)}`).not.toContain('CANARY');
    return error.problems.map((line) => line.replace(`${folder}/`, ''));
  }
  return [];
}

const WHOLE = `version: 1
database:
  url: \${DATABASE_URL}
  allowUnsafeFsync: false
dataDir: .buduan
keys:
  current: k1
  identity: { k1: '\${BUDUAN_IDENTITY_KEY}' }
  blindIndex: \${BUDUAN_BLIND_INDEX_KEY}
log: { level: info }
server: { host: 0.0.0.0, port: 8080, token: '\${BUDUAN_SERVER_TOKEN}' }
egress:
  allow:
    - { host: 127.0.0.1, http: true, addresses: [127.0.0.0/8] }
tenants:
  - id: company-a
    name: 甲公司
    lookBackMonths: 6
    insurances: [pension, medical, unemployment]
    overlay: overlays/company-a.yaml
    authority: { paid: [bureau, agency, payroll], wages: [payroll], employment: [payroll, attendance, agency] }
    approvals: { declaration: hold, back-payment: hold }
    brakes: { worseStatus: { persons: 20, percent: 2 }, countDropPercent: 50 }
    connections:
      - id: bureau-main
        manifest: manifests/sandbox-bureau.yaml
        config: { baseUrl: http://127.0.0.1:4101 }
        secrets: { clientId: '\${BUREAU_CLIENT_ID}', clientSecret: { file: secrets/bureau } }
        freshHours: 36
schedules:
  - { id: nightly, tenant: company-a, cron: '0 2 * * *', zone: Asia/Shanghai }
`;
const SMALL = 'version: 1\ntenants:\n  - { id: company-a, name: 甲公司 }\n';

describe('a hub.yaml', () => {
  it('is read whole, with its secrets wrapped and its paths absolute', () => {
    const config = load(WHOLE);
    expect(config).toMatchObject({
      version: 1,
      dataDir: join(folder, '.buduan'),
      log: { level: 'info' },
      warnings: [],
    });
    expect(config.database.url?.reveal()).toBe(VARIABLES.DATABASE_URL);
    expect(config.keys?.identity['k1']?.reveal()).toBe(KEY);
    expect(config.server).toMatchObject({ host: '0.0.0.0', port: 8080 });
    expect(config.server.token?.reveal()).toBe(VARIABLES.BUDUAN_SERVER_TOKEN);
    const [tenant] = config.tenants;
    expect(tenant).toMatchObject({
      id: 'company-a',
      lookBackMonths: 6,
      overlay: join(folder, 'overlays/company-a.yaml'),
    });
    const bureau = tenant?.connections[0];
    expect(bureau).toMatchObject({ manifest: join(folder, 'manifests/sandbox-bureau.yaml'), freshHours: 36 });
    expect(revealAll(bureau?.secrets ?? {})).toEqual({ clientId: 'client-1', clientSecret: CANARY });
    expect(`${JSON.stringify(config)}${inspect(config, { depth: 9 })}`).not.toContain('CANARY');
  });

  it('needs only a tenant: everything else has a default', () => {
    const config = load(SMALL, {});
    expect(config).toMatchObject({
      database: { url: null, allowUnsafeFsync: false },
      keys: null,
      schedules: [],
      server: { host: '127.0.0.1', port: 4080, token: null },
      egress: { allow: [] },
    });
    expect(config.tenants[0]).toMatchObject({
      lookBackMonths: 6,
      insurances: ['pension', 'medical', 'unemployment'],
      overlay: null,
      authority: {
        paid: ['bureau', 'agency', 'payroll'],
        wages: ['payroll'],
        employment: ['payroll', 'attendance', 'agency'],
      },
      approvals: { declaration: 'hold', 'back-payment': 'hold' },
      brakes: { worseStatus: { persons: 20, percent: 2 }, countDropPercent: 20 },
      connections: [],
    });
  });

  it('tells every mistake at once, each with its line', () => {
    const text = [
      'version: 2',
      'tenant: []',
      'tenants:',
      '  - id: Company A',
      '    name: x',
      '    lookBackMonths: 0',
      '    insurances: [pension, penson]',
      '    connections:',
      '      - { id: a, manifest: m.yaml, freshHour: 3 }',
      '',
    ].join('\n');
    expect(problems(text)).toEqual([
      'hub.yaml:1:10  version  is not one of the allowed values; expected 1',
      'hub.yaml:2:1  tenant  unknown key; did you mean "tenants"?',
      'hub.yaml:4:9  tenants[0].id  is not an id; expected 1–63 lower-case letters, digits and hyphens, beginning with a letter or digit',
      'hub.yaml:6:21  tenants[0].lookBackMonths  is too small; expected 1 to 60',
      'hub.yaml:7:27  tenants[0].insurances[1]  is not one of the allowed values; did you mean "pension"?',
      'hub.yaml:9:36  tenants[0].connections[0].freshHour  unknown key; did you mean "freshHours"?',
    ]);
  });

  it('tells what does not fit together: ids, files, tenants, schedules', () => {
    const text = [
      'version: 1',
      'tenants:',
      '  - id: company-a',
      '    name: x',
      '    overlay: overlays/none.yaml',
      '    connections:',
      '      - { id: b, manifest: manifests/sandbox-bureau.yaml }',
      '      - { id: b, manifest: manifests }',
      '  - { id: company-a, name: y }',
      'schedules:',
      "  - { id: n, tenant: company-b, cron: '0 2 * *', zone: Asia/Shanghi }",
      "  - { id: n, tenant: company-a, cron: '61 2 * * *', zone: '+08:00' }",
      '',
    ].join('\n');
    expect(problems(text, {})).toEqual([
      'hub.yaml:5:14  tenants[0].overlay  there is no such file; expected a path relative to this file',
      'hub.yaml:8:15  tenants[0].connections[1].id  the id b is already taken above; choose another',
      'hub.yaml:8:28  tenants[0].connections[1].manifest  there is no such file; expected a path relative to this file',
      'hub.yaml:9:11  tenants[1].id  the id company-a is already taken above; choose another',
      'hub.yaml:11:22  schedules[0].tenant  there is no such tenant; did you mean "company-a"?',
      'hub.yaml:11:39  schedules[0].cron  is not a schedule; expected five fields: minute hour day month weekday, for example "0 2 * * *"',
      'hub.yaml:11:56  schedules[0].zone  is not an IANA time zone; expected for example Asia/Shanghai or UTC',
      'hub.yaml:12:11  schedules[1].id  the id n is already taken above; choose another',
      'hub.yaml:12:39  schedules[1].cron  is not a schedule; expected five fields: minute hour day month weekday, for example "0 2 * * *"',
      'hub.yaml:12:59  schedules[1].zone  is not an IANA time zone; expected for example Asia/Shanghai or UTC',
    ]);
  });

  it('reads schedules with their windows and fills in what holds where nothing is said', () => {
    const text = `${SMALL}schedules:
  - { id: n, tenant: company-a, cron: '0 2 * * *' }
  - id: third
    tenant: company-a
    cron: '0 9 * * *'
    days: workdays
    daysOfMonth: 1-15
    workdaysOfMonth: [3, -1]
    misfire: { policy: all }
    after: { schedules: [n] }
workCalendar:
  - { year: 2040, off: [2040-10-01/2040-10-07], work: [2040-09-29], source: 国办发明电〔2039〕7号 }
`;
    const { schedules, workCalendar } = load(text, {});
    expect(schedules[0]).toEqual({
      ...{ id: 'n', tenant: 'company-a', does: 'run', cron: '0 2 * * *', zone: 'Asia/Shanghai', days: 'all' },
      ...{ onUnknownCalendar: 'run', misfire: { policy: 'once', maxAgeHours: 24 }, jitterMinutes: 0 },
    });
    expect(schedules[1]).toMatchObject({
      ...{
        days: 'workdays',
        daysOfMonth: '1-15',
        workdaysOfMonth: [3, -1],
        misfire: { policy: 'all', maxAgeHours: 24 },
      },
      after: { schedules: ['n'], withinHours: 6, otherwise: 'skip' },
    });
    expect(workCalendar).toHaveLength(1);
  });

  it('tells which windows, days and orders of schedules cannot be meant', () => {
    const text = `version: 1
tenants:
  - id: company-a
    name: x
    maintenance: [{ cron: '0 1 * * 0' }, { from: 2026-12-01T22:00+08:00, to: 2026-12-01T21:00+08:00 }]
    connections:
      - { id: b, manifest: manifests/sandbox-bureau.yaml, maintenance: [{ cron: '0 1 * *', hours: 2 }] }
schedules:
  - { id: a, tenant: company-a, cron: '0 2 * * *', connection: c }
  - { id: d, tenant: company-a, cron: '0 2 * * *', connection: b, does: reconcile }
  - { id: e, tenant: company-a, cron: '0 2 * * *', daysOfMonth: 15-1 }
  - { id: f, tenant: company-a, cron: '0 2 * * *', days: rest-days, workdaysOfMonth: [1] }
  - { id: g, tenant: company-a, cron: '0 2 * * *', after: { schedules: [h, nobody], withinHours: 24 } }
  - { id: h, tenant: company-a, cron: '0 2 * * *', after: { schedules: [g] } }
workCalendar:
  - { year: 2040, off: [2041-01-01], work: [2040-02-30], source: x }
`;
    expect(problems(text, {}).map((line) => line.replace(/^hub\.yaml:\d+:\d+ {2}/, ''))).toEqual([
      'tenants[0].maintenance[0]  is not a window; expected cron and hours, or from and to',
      'tenants[0].maintenance[1].to  is not after from',
      'tenants[0].connections[0].maintenance[0].cron  is not a schedule; expected five fields: minute hour day month weekday, for example "0 2 * * *"',
      'schedules[0].connection  there is no such connection; did you mean "b"?',
      'schedules[1].connection  does not go with does: reconcile, which reads no connection',
      'schedules[2].daysOfMonth  names no days; expected 1 to 31 or L for the last, the smaller first',
      'schedules[3].workdaysOfMonth  does not go with days: rest-days; no day is both',
      'schedules[4].after.schedules[0]  waits for g itself; neither would ever begin',
      'schedules[4].after.schedules[1]  there is no other schedule nobody of this tenant',
      'schedules[4].after.withinHours  is not below misfire.maxAgeHours (24), after which an instant is given up',
      'schedules[5].after.schedules[0]  waits for h itself; neither would ever begin',
      'workCalendar[0].off[0]  is not in 2040; expected days of the year it stands under',
      'workCalendar[0].work[0]  is not a day, or ends before it begins',
    ]);
  });

  it('names the variable and the line of a reference that cannot be followed, and says it once', () => {
    const text = `${SMALL}database: { url: '\${DATABASE_URL}' }\nkeys:\n  current: k2\n  identity: { k1: '\${NOT_SET}' }\n  blindIndex: \${EMPTY}\n`;
    expect(problems(text, { DATABASE_URL: `mysql://${CANARY}`, EMPTY: '' })).toEqual([
      'hub.yaml:4:18  database.url  is not a database URL; expected postgres://user:password@host:5432/name',
      'hub.yaml:6:12  keys.current  names no key of keys.identity; expected one of: k1',
      'hub.yaml:7:19  keys.identity.k1  environment variable NOT_SET is not set; set it before starting, or write ${NOT_SET:-default}',
      'hub.yaml:8:15  keys.blindIndex  environment variable EMPTY is empty; set it before starting, or write ${EMPTY:-default}',
    ]);
  });

  it('takes one key of the blind index, which is called b1, or several by id, of which one is current', () => {
    const keys = (blindIndex: string): string =>
      `${SMALL}keys: { current: k1, identity: { k1: '\${KEY}' }, blindIndex: ${blindIndex} }\n`;
    const variables = { KEY: Buffer.alloc(32, 1).toString('base64'), SHORT: 'c2hvcnQ=' };
    expect(problems(keys("'${KEY}'"), variables)).toEqual([]);
    expect(problems(keys("{ current: b2, keys: { b1: '${KEY}', b2: '${KEY}' } }"), variables)).toEqual([]);
    expect(problems(keys("{ current: b3, keys: { b1: '${SHORT}' } }"), variables)).toEqual([
      expect.stringMatching(
        /keys\.blindIndex\.current {2}names no key of keys\.blindIndex\.keys; expected one of: b1$/,
      ),
      expect.stringMatching(/keys\.blindIndex\.keys\.b1 {2}is not a key/),
    ]);
  });

  it('refuses secrets that are written out, short keys, unreadable secret files', () => {
    const text = [
      'version: 1',
      `database: { url: 'postgres://hub:${CANARY}@db/hub' }`,
      'keys: { current: k1, identity: { k1: { file: secrets/bureau } }, blindIndex: { file: secrets/none } }',
      'tenants:',
      '  - id: company-a',
      '    name: x',
      `    connections: [{ id: b, manifest: manifests/sandbox-bureau.yaml, secrets: { token: ${CANARY} } }]`,
      '',
    ].join('\n');
    const found = problems(text);
    expect(found).toHaveLength(4);
    expect(found[0]).toMatch(/^hub\.yaml:2:18 {2}database\.url {2}a secret is written in the file/);
    expect(found[1]).toMatch(
      /^hub\.yaml:3:38 {2}keys\.identity\.k1 {2}is not a key; expected base64 of 32 random bytes/,
    );
    expect(found[2]).toMatch(/^hub\.yaml:3:86 {2}keys\.blindIndex\.file {2}the secret file cannot be read \(ENOENT\)/);
    expect(found[3]).toMatch(
      /^hub\.yaml:7:87 {2}tenants\[0\]\.connections\[0\]\.secrets\.token {2}a secret is written in the file/,
    );
  });

  it('refuses a token of the API that could be guessed', () => {
    expect(problems(`${SMALL}server: { token: '\${SHORT}' }\n`, { SHORT: 'short' })).toEqual([
      'hub.yaml:4:18  server.token  is too short; expected at least 16 characters, for example from: openssl rand -hex 32',
    ]);
  });

  it('warns of a secret file that everybody may read', () => {
    chmodSync(join(folder, 'secrets/bureau'), 0o644);
    expect(load(WHOLE).warnings).toEqual([
      expect.stringContaining('secrets.clientSecret.file  the secret file can be read by every user'),
    ]);
  });

  it('uses DATABASE_URL where the file names no database, and then asks for keys', () => {
    expect(problems(SMALL, { DATABASE_URL: 'postgres://localhost/hub' })[0]).toContain('keys is missing');
  });

  it('refuses aliases, which a secret could be copied with, and a file that is not there', () => {
    expect(problems('version: 1\ntenants: &t []\nschedules: *t\n')).toHaveLength(2);
    expect(() => loadHubConfig(join(folder, 'none.yaml'), {})).toThrow('ENOENT');
  });
});

describe('a secret', () => {
  it('is shown as [secret] wherever it is not revealed', () => {
    const secret = new Secret(CANARY);
    expect(`${String(secret)} ${JSON.stringify({ secret })} ${inspect({ secret })} ${Object.keys(secret).join()}`).toBe(
      '[secret] {"secret":"[secret]"} { secret: [secret] } ',
    );
    expect(secret.reveal()).toBe(CANARY);
  });

  it('is referred to by ${NAME}, ${NAME:-default} and, taken literally, $${NAME}', () => {
    const variables = { HOST: 'db', EMPTY: '' };
    expect(interpolate('http://${HOST}:${PORT:-80}/$${HOST}', variables)).toEqual({
      ok: true,
      text: 'http://db:80/${HOST}',
      references: 2,
    });
    expect(interpolate('${EMPTY:-}', variables)).toMatchObject({ ok: true, text: '' });
    expect(interpolate('${a b}', variables)).toMatchObject({ ok: false });
    expect(interpolate('${HOST', variables)).toMatchObject({ ok: false });
  });
});

describe('the environment', () => {
  it('tells wrong variables by name without their values', () => {
    expect(() => readEnvironment({ BUDUAN_LOG_LEVEL: CANARY })).toThrow(/BUDUAN_LOG_LEVEL {2}expected trace, debug/);
    expect(() => readEnvironment({ BUDUAN_LOG_LEVEL: CANARY })).not.toThrow(CANARY);
  });

  it('takes variables set to nothing as not set', () => {
    expect(readEnvironment({ BUDUAN_LOG_LEVEL: '', DATABASE_URL: '' })).toMatchObject({
      configFile: 'hub.yaml',
      logLevel: null,
      databaseUrl: null,
    });
  });

  it('is documented variable by variable in .env.example', () => {
    const text = readFileSync(new URL('../../../.env.example', import.meta.url), 'utf8');
    const documented = [...text.matchAll(/^#?\s?([A-Z][A-Z0-9_]+)=/gm)].map((match) => match[1]);
    expect(documented.sort()).toEqual(Object.keys(environmentSchema.shape).sort());
  });
});
