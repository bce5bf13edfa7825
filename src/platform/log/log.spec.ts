/** That nothing personal and no credential can be read in a log line. */
import { HubError } from '../../domain/hub-error.js';
import { type Log, createLog } from './log.js';
import { scrub, scrubText } from './scrub.js';

function capture(): {
  readonly log: Log;
  readonly lines: () => Record<string, unknown>[];
  readonly text: () => string;
} {
  let text = '';
  const log = createLog({ level: 'trace', destination: { write: (chunk) => void (text += chunk) } });
  return {
    log,
    text: () => text,
    lines: () =>
      text
        .trim()
        .split('\n')
        .map((line) => JSON.parse(line) as Record<string, unknown>),
  };
}

const CANARIES = {
  residentId: '440300199001010013',
  residentIdX: '34052419800101001x',
  fullWidthId: '４４０３００１９９００１０１００１３',
  spacedId: '440300 19900101 0013',
  oldId: '610104620927690',
  foreignCard: 'KAZ110090123105',
  mobile: '13800138000',
  bearer: 'Bearer tok.en-CANARY_1234567',
  pageLink: 'at /e/bdl_company-a_CANARY7890123456789012_0123456789abcdef0123456789abcdef now',
  apiKey: 'shown as bdn_company-a_0123456789abcdef_CANARY7890123456789012345678901234567890123 by mistake',
  basic: 'Basic dXNlcjpDQU5BUlk=',
  query: 'GET https://api.example.com/cgi-bin/user?access_token=CANARY99&page=2',
  signed: 'sign=9F86D081884C7D659A2FEAA0C55AD015',
  key: 'api key 9f86d081884c7d659a2feaa0c55ad015 was refused',
  password: 'password: CANARY-pass-1',
  jsonText: '{"client_secret":"CANARYsecret","page":2}',
  userInfo: 'postgres://buduan:CANARYpw@db.internal:5432/buduan',
  jwt: 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJDQU5BUlkifQ.c2lnbmF0dXJl',
} as const;

const READABLE_CANARY =
  /CANARY|dXNlcj|440300|４４０３|34052419|610104|KAZ11|13800138000|9F86D081|9f86d081|eyJhbGci|19900101|34420/;

describe('the scrubber', () => {
  it.each(Object.entries(CANARIES))('hides %s in a text', (_name, canary) => {
    expect(scrubText(`at the bureau ${canary} was read`)).not.toMatch(READABLE_CANARY);
    expect(scrubText(`at the bureau ${canary} was read`)).toContain('[redacted]');
  });

  it.each(Object.entries(CANARIES))(
    'hides %s in messages, fields, errors, causes, stacks and child bindings',
    (_name, canary) => {
      const { log, text } = capture();
      log.info(canary);
      log.info({ note: canary, list: [{ deep: { deeper: canary } }] }, 'unit done: %s', canary);
      log.child({ about: canary }).warn('from a child');
      log.error(
        new Error(`cannot read ${canary}\nsecond line ${canary}`, {
          cause: new HubError({ code: 'c', next: 'bug', message: canary, detail: { at: canary } }),
        }),
      );
      log.error({ err: new AggregateError([new Error(canary)], canary) }, 'several');
      expect(text()).not.toMatch(READABLE_CANARY);
      expect(text().trim().split('\n')).toHaveLength(5);
    },
  );

  it.each([
    'idNumber',
    'id_number',
    'name',
    'wage',
    'grossFen',
    'token',
    'accessToken',
    'Authorization',
    'client_secret',
    'password',
    'body',
    'raw',
  ])('hides whatever stands under the key %s', (key) => {
    const { log, lines } = capture();
    log.info({ [key]: 'short', inside: { [key]: 1234500 } }, 'x');
    expect(lines()[0]).toMatchObject({ [key]: '[redacted]', inside: { [key]: '[redacted]' } });
  });

  it('hides an identity number that arrived as a number or as a part of a formatted message', () => {
    const { log, text } = capture();
    log.info({ ref: 440300199001010013n, other: 610104620927690 }, 'for %s%s', '440300199', '001010013');
    expect(text()).not.toMatch(READABLE_CANARY);
  });

  it('drops what errors of clients and databases carry beside their message', () => {
    const query = Object.assign(new Error('invalid input syntax for type numeric: "1,2345.6"'), {
      driverError: {},
      query: 'select',
      parameters: ['12345.60'],
      detail: 'Key (name)=(李某) exists.',
      code: '22P02',
      constraint: 'person_pkey',
    });
    const { log, text, lines } = capture();
    log.error({ err: query }, 'failed');
    expect(text()).not.toMatch(/2345\.6|12345\.60|李某/);
    expect(lines()[0]).toMatchObject({ err: { code: '22P02', constraint: 'person_pkey' } });
  });

  it('leaves ids, counts, times, months and hashes readable', () => {
    const line = {
      runId: '0197f3b2-7c1e-7a3f-9d11-1f2e3d4c5b6a',
      rows: 100000,
      month: '2023-01',
      atMs: 1795392000000,
      connectionId: 'bureau-main',
      page: 'page 12 of 40',
    };
    expect(scrub(line)).toEqual(line);
    expect(scrubText('bureau-main contributions: 1700000 rows in 12.4 s, 3 rejected, next in 30000 ms')).not.toContain(
      '[redacted]',
    );
  });

  it('survives cycles, depth, buffers and long texts', () => {
    const loop: Record<string, unknown> = {
      at: new Date('2023-03-20T00:00:00Z'),
      bytes: Buffer.from('CANARY'),
      big: 'a'.repeat(10_000),
    };
    loop['self'] = loop;
    const { log, lines } = capture();
    log.info(loop, 'loop');
    expect(lines()[0]).toMatchObject({ self: '[circular]', at: '2023-03-20T00:00:00.000Z', bytes: '[6 bytes]' });
    expect(JSON.stringify(lines()[0]).length).toBeLessThan(5000);
  });

  it('works through hostile long lines in time that grows evenly', () => {
    const hostile = `${'key'.repeat(1300)} ${'token='.repeat(20)}`;
    const begun = process.hrtime.bigint();
    for (let round = 0; round < 50; round += 1) scrubText(hostile);
    expect(Number(process.hrtime.bigint() - begun) / 1e6).toBeLessThan(2000);
  });
});

describe('the log', () => {
  it('writes one JSON object per line with level names and ISO times', () => {
    const { log, lines } = capture();
    log.info({ rows: 2 }, 'pulled 100%');
    expect(lines()[0]).toMatchObject({ level: 'info', rows: 2, msg: 'pulled 100%' });
    expect(lines()[0]?.['time']).toMatch(/^\d{4}-\d\d-\d\dT/);
  });

  it('writes nothing below its level', () => {
    let text = '';
    createLog({ level: 'warn', destination: { write: (chunk) => void (text += chunk) } }).info('quiet');
    expect(text).toBe('');
  });
});
