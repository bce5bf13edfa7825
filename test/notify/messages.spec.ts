/** What groups and employees read, through each channel: signed as its vendor wants, judged by its codes, and nothing personal in it. */
import { SMTPServer, type SMTPServerOptions } from 'smtp-server';
import type { AddressInfo } from 'node:net';
import type { MessageEndpoint, NotifyEndpoint } from '../../src/platform/config/notify-config.js';
import { Secret } from '../../src/platform/config/secrets.js';
import { caseMoved, openNotifyWorld, suspended, type NotifyWorld } from './notify-world.js';
import { SECRETS, startVendors, type Vendors } from './vendors.js';

type Of<C extends MessageEndpoint['channel']> = Extract<MessageEndpoint, { channel: C }>;
const hr = { events: ['*'], language: 'zh-CN' } as const;
const secret = (text: string): Secret => new Secret(text);

let world: NotifyWorld;
let vendors: Vendors;
beforeEach(async () => {
  vendors = await startVendors();
  world = await openNotifyWorld();
});
afterEach(async () => {
  await vendors.server.close();
  await world.close();
});

const base = (vendor: string): string => `${vendors.server.baseUrl}/${vendor}`;
const wecomRobot = (key = 'robot-key'): Of<'wecom-robot'> => ({
  ...{ channel: 'wecom-robot', id: 'wecom-group', baseUrl: base('wecom'), ...hr, secrets: { key: secret(key) } },
});
const wecomApp = (more: Partial<Of<'wecom-app'>> = {}): Of<'wecom-app'> => ({
  ...{
    channel: 'wecom-app',
    id: 'wecom-app',
    baseUrl: base('wecom'),
    ...hr,
    corpId: 'ww1',
    agentId: 7,
    to: ['hr1', 'hr2'],
  },
  ...{ secrets: { appSecret: secret(SECRETS.wecom) }, ...more },
});
const dingRobot = (sign = SECRETS.dingtalk): Of<'dingtalk-robot'> => ({
  ...{ channel: 'dingtalk-robot', id: 'ding-group', baseUrl: base('ding'), ...hr },
  secrets: { token: secret('robot-token'), sign: secret(sign) },
});
const dingWork = (more: Partial<Of<'dingtalk-work'>> = {}): Of<'dingtalk-work'> => ({
  ...{
    channel: 'dingtalk-work',
    id: 'ding-work',
    baseUrl: base('ding'),
    ...hr,
    appKey: 'ding1',
    agentId: 7,
    to: ['u1'],
  },
  ...{ secrets: { appSecret: secret(SECRETS.dingtalk) }, ...more },
});
const feishuRobot = (sign = SECRETS.feishu): Of<'feishu-robot'> => ({
  ...{ channel: 'feishu-robot', id: 'feishu-group', baseUrl: base('feishu'), ...hr },
  secrets: { hook: secret('hook-1'), sign: secret(sign) },
});
const feishuApp = (more: Partial<Of<'feishu-app'>> = {}): Of<'feishu-app'> => ({
  ...{ channel: 'feishu-app', id: 'feishu-app', baseUrl: base('feishu'), ...hr, appId: 'cli_1', to: ['hr1', 'hr2'] },
  ...{ receiveIdType: 'user_id', secrets: { appSecret: secret(SECRETS.feishu) }, ...more },
});

async function give(...endpoints: readonly NotifyEndpoint[]): Promise<void> {
  world.given.endpoints = [...endpoints];
  await world.tell(suspended());
  for (const { id } of endpoints) await world.sendDue(id);
}
const states = async (): Promise<unknown[]> =>
  (await world.rows()).map(({ endpoint_id, state, last_code }) => [endpoint_id, state, last_code]);

describe('a message to a group', () => {
  it('arrives through each robot, signed as its vendor wants', async () => {
    await give(wecomRobot(), dingRobot(), feishuRobot());
    expect(vendors.arrived.map(({ at, to }) => [at, to])).toEqual([
      ['/wecom/webhook/send', 'group'],
      ['/ding/robot/send', 'group'],
      ['/feishu/open-apis/bot/v2/hook/hook-1', 'group'],
    ]);
    for (const { text } of vendors.arrived)
      expect(text).toMatch(/^推送已被暂停，等待审批\n计划超出限额（worse-status），共 40 项/);
  });

  it('is a failure where HTTP 200 carries an error, and nobody knocks again at a door that is wrong', async () => {
    await give(wecomRobot('another-key'), dingRobot('another'), feishuRobot('another'));
    expect(await states()).toEqual([
      ['wecom-group', 'dead', 'auth-rejected'],
      ['ding-group', 'dead', 'auth-rejected'],
      ['feishu-group', 'dead', 'auth-rejected'],
    ]);
    expect(vendors.arrived).toEqual([]);
  });

  it.each([
    ['wecom', { errcode: 45009, errmsg: 'api freq out of limit' }, '/wecom/webhook/send'],
    ['dingtalk', { errcode: 410100, errmsg: 'send too fast' }, '/ding/robot/send'],
    ['feishu', { code: 11232, msg: 'frequency limited' }, '/feishu/open-apis/bot/v2/hook/hook-1'],
  ])('waits a minute where %s says "too fast", which costs no attempt', async (vendor, fault, path) => {
    vendors.faults.set(path, fault);
    await give({ wecom: wecomRobot(), dingtalk: dingRobot(), feishu: feishuRobot() }[vendor] ?? wecomRobot());
    expect(await world.rows()).toMatchObject([{ state: 'retry-wait', attempts: 0, last_code: 'throttled' }]);
    const [row] = await world.sql(
      'SELECT extract(epoch FROM paused_until - now())::int AS rest FROM buduan.notification_endpoint',
    );
    expect(row?.['rest']).toBeGreaterThanOrEqual(58);
  });

  it('leaves at most twenty times in any minute, and the rest after it', async () => {
    world.given.endpoints = [wecomRobot()];
    for (let each = 0; each < 25; each += 1) await world.tell(suspended());
    await world.sendDue();
    await world.sendDue();
    expect(vendors.arrived).toHaveLength(20);
    await world.later(61);
    await world.sendDue();
    expect(vendors.arrived).toHaveLength(25);
  });

  it('is tried again after a page instead of an answer, and DingTalk drops what it has already', async () => {
    vendors.faults.set('/wecom/webhook/send', 'html').set('/ding/robot/send', 'lost');
    await give(wecomRobot(), dingRobot());
    expect(await states()).toEqual([
      ['wecom-group', 'retry-wait', 'not-json'],
      ['ding-group', 'retry-wait', expect.stringMatching(/connection/)],
    ]);
    await world.later(6);
    await world.sendDue('ding-group');
    expect(vendors.arrived.filter(({ at }) => at === '/ding/robot/send')).toHaveLength(1);
    expect(await states()).toContainEqual(['ding-group', 'delivered', null]);
  });
});

describe('a message by application', () => {
  it('logs in once for all, and again when the token expired', async () => {
    world.given.endpoints = [wecomApp()];
    await world.tell(suspended());
    await world.tell(suspended());
    await world.sendDue();
    expect([vendors.logins.count, vendors.arrived.map(({ to }) => to)]).toEqual([1, ['hr1|hr2', 'hr1|hr2']]);
    vendors.expireTokens();
    await world.tell(suspended());
    await world.sendDue();
    expect([vendors.logins.count, vendors.arrived.length]).toEqual([2, 3]);
  });

  it('with a wrong secret is not tried again and again', async () => {
    world.given.endpoints = [wecomApp({ secrets: { appSecret: secret('wrong') } })];
    for (let each = 0; each < 5; each += 1) await world.tell(suspended());
    await world.sendDue();
    expect(vendors.logins.count).toBe(1);
    expect(await world.rows()).toMatchObject(Array(5).fill({ state: 'dead', last_code: 'login-rejected' }));
  });

  it('says which receivers do not exist: all of them is a failure, some are noted', async () => {
    await give(wecomApp({ to: ['gone1'] }), feishuApp({ to: ['gone1', 'hr1'] }));
    expect(await states()).toEqual([
      ['wecom-app', 'dead', 'rejected'],
      ['feishu-app', 'delivered', 'some-receivers-refused'],
    ]);
  });

  it('to several in Feishu that broke off half-way reaches each once', async () => {
    vendors.faults.set('/feishu/open-apis/im/v1/messages', 'lost');
    await give(feishuApp());
    await world.later(6);
    await world.sendDue('feishu-app');
    expect(vendors.arrived.map(({ to }) => to).sort()).toEqual(['user_id:hr1', 'user_id:hr2']);
    expect(await states()).toEqual([['feishu-app', 'delivered', null]]);
  });

  it('that DingTalk took is not delivered before DingTalk says so', async () => {
    vendors.result = { unread_user_id_list: [], read_user_id_list: [] };
    await give(dingWork());
    expect(await states()).toEqual([['ding-work', 'retry-wait', 'result-pending']]);
    await world.later(31);
    await world.sendDue('ding-work');
    expect(await states()).toEqual([['ding-work', 'retry-wait', 'result-pending']]);
    vendors.result = { forbidden_user_id_list: ['u1'] };
    await world.later(61);
    await world.sendDue('ding-work');
    expect(await states()).toEqual([['ding-work', 'dead', 'receiver-forbidden']]);
    expect(vendors.arrived).toHaveLength(1);
  });
});

describe('a message to an employee', () => {
  const address = { connection: 'hr', prefix: '', suffix: '' };

  it('goes to the one whom the case is about, where the lookup says, and is stored and logged without the address', async () => {
    world.given.endpoints = [dingWork({ to: [], address, events: ['case.*'] })];
    world.given.address = 'canary-user';
    await world.tell(suspended());
    await world.tell(caseMoved());
    await world.sendDue();
    await world.later(31);
    await world.sendDue();
    expect(vendors.arrived).toMatchObject([
      { to: 'canary-user', text: expect.stringMatching(/^您有一项社保补缴待确认/) },
    ]);
    expect(await states()).toEqual([['ding-work', 'delivered', null]]);
    expect(JSON.stringify(await world.sql('SELECT * FROM buduan.notification'))).not.toContain('canary-user');
    expect(world.logged()).not.toContain('canary-user');
  });

  it('carries the link of the page where he is asked, which is stored and logged nowhere; HR is not given it', async () => {
    world.given.endpoints = [wecomRobot(), dingWork({ to: [], address, events: ['case.*'] })];
    world.given.address = 'user-1';
    world.given.pageLink = 'https://hub.example.com/e/canary-link';
    await world.tell(caseMoved());
    await world.tell(caseMoved('verified'));
    for (const { id } of world.given.endpoints) await world.sendDue(id);
    const texts = vendors.arrived.map(({ to, text }) => [to, text.includes('/e/canary-link')]);
    expect(texts).toEqual([
      ['group', false],
      ['group', false],
      ['user-1', true],
      ['user-1', false],
    ]);
    const stored = await world.sql('SELECT n::text AS row FROM buduan.notification n');
    expect(JSON.stringify(stored) + world.logged()).not.toContain('canary-link');
  });

  it.each([
    { from: 'paid', zh: '此前告知已缴纳的补缴没有成功', en: 'did not succeed' },
    { from: 'verified', zh: '记录不再显示您已补缴的月份', en: 'does not show the months any more' },
  ])(
    'says that his case, $from before, is opened again, in his language and without a link',
    async ({ from, zh, en }) => {
      const employee = { to: [], address, events: ['case.reopened'] };
      world.given.endpoints = [
        wecomApp({ ...employee, language: 'zh-CN' }),
        feishuApp({ ...employee, language: 'en' }),
      ];
      world.given.address = 'user-1';
      world.given.pageLink = 'https://hub.example.com/e/canary-link';
      await world.tell(caseMoved('reopened', from));
      await world.tell(caseMoved('proposed', 'reopened'));
      for (const { id } of world.given.endpoints) await world.sendDue(id);
      expect(vendors.arrived.map(({ text }) => text)).toEqual([
        expect.stringMatching(new RegExp(`^您的社保补缴需要重新办理[^]*${zh}`)),
        expect.stringMatching(new RegExp(`^Your back-payment has to be done again[^]*${en}`)),
      ]);
      expect(JSON.stringify(vendors.arrived)).not.toContain('canary-link');
    },
  );

  it('whose address nobody knows waits for a person', async () => {
    world.given.endpoints = [feishuApp({ to: [], address, language: 'en' })];
    await world.tell(caseMoved());
    await world.sendDue();
    expect(await states()).toEqual([['feishu-app', 'dead', 'no-address']]);
  });
});

describe('an e-mail', () => {
  interface Mail {
    readonly to: readonly string[];
    readonly content: string;
  }
  const servers: SMTPServer[] = [];
  const mails: Mail[] = [];
  afterEach(async () => {
    mails.length = 0;
    for (const server of servers.splice(0)) await new Promise<void>((resolve) => server.close(resolve));
  });

  async function serve(options: Partial<SMTPServerOptions> = {}): Promise<Of<'email'>> {
    const server = new SMTPServer({
      ...{ logger: false, disabledCommands: ['STARTTLS'], authOptional: true, allowInsecureAuth: true },
      onAuth: ({ username, password }, _session, done) =>
        username === 'hub' && password === 'mail-secret'
          ? done(null, { user: username })
          : done(Object.assign(new Error('no'), { responseCode: 535 })),
      onData: (stream, session, done) => {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          const to = session.envelope.rcptTo.map((each) => each.address);
          mails.push({ to, content: Buffer.concat(chunks).toString('utf8') });
          done();
        });
      },
      ...options,
    });
    servers.push(server);
    server.on('error', () => undefined);
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.server.address() as AddressInfo;
    return {
      ...{ channel: 'email', id: 'mail', ...hr, host: '127.0.0.1', port, security: 'none', user: 'hub' },
      ...{ from: 'hub@example.com', to: ['hr@example.com', 'lead@example.com'] },
      secrets: { password: secret('mail-secret') },
    };
  }

  it('arrives at a real server after login, in the language of its readers, under an id that stays', async () => {
    await give({ ...(await serve()), language: 'en' });
    expect(await states()).toEqual([['mail', 'delivered', null]]);
    const [row] = await world.sql('SELECT notification_id AS id FROM buduan.notification');
    const [mail] = mails;
    expect(mail?.to).toEqual(['hr@example.com', 'lead@example.com']);
    expect(mail?.content).toContain('Subject: A plan waits for approval');
    expect(mail?.content).toContain(`Message-ID: <${String(row?.['id'])}@company-a.buduan>`);
    expect(mail?.content).toContain('Auto-Submitted: auto-generated');
  });

  it('with a wrong password, or to a mailbox that is refused, is given up; a busy server is tried again', async () => {
    await give({ ...(await serve()), secrets: { password: secret('wrong') } });
    const refusing =
      (responseCode: number): NonNullable<SMTPServerOptions['onRcptTo']> =>
      (_address, _session, done) =>
        done(Object.assign(new Error('no'), { responseCode }));
    await give({ ...(await serve({ onRcptTo: refusing(550) })), id: 'no-mailbox' });
    await give({ ...(await serve({ onRcptTo: refusing(451) })), id: 'busy' });
    expect(await states()).toEqual([
      ['mail', 'dead', 'login-rejected'],
      ['no-mailbox', 'dead', 'smtp-550'],
      ['busy', 'retry-wait', 'smtp-451'],
    ]);
    expect(world.logged()).not.toMatch(/mail-secret|hr@example/);
  });

  it('does not leave in clear, to a server whose certificate nobody vouches for, or to an address inside', async () => {
    const open = await serve({ disabledCommands: [] });
    await give({ ...open, security: 'starttls' });
    await give({ ...open, id: 'inside', host: '10.0.0.1', security: 'tls' });
    await give({ ...open, id: 'clear', host: 'mail.example.com', security: 'none' });
    expect(await states()).toEqual([
      ['mail', 'retry-wait', expect.stringMatching(/^mail-/)],
      ['inside', 'dead', 'address-refused'],
      ['clear', 'dead', 'host-refused'],
    ]);
    expect(mails).toEqual([]);
  });
});
