/**
 * What the night costs at the very least on this machine: fetch and parse the same pages, COPY the rows, one set-based
 * comparison, push the same number of corrections in the same batches. Nothing is mapped, linked, hashed, judged or explained.
 * Run by bench/night.mjs as its own process: takes one JSON object from standard input, prints one.
 */
import { createHash, createHmac, randomBytes } from 'node:crypto';
import http from 'node:http';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { from as copyFrom } from 'pg-copy-streams';

const options = JSON.parse(await text(process.stdin));
const agent = new http.Agent({ keepAlive: true, maxSockets: 8 });

/** Sends one request and parses the JSON reply. */
function call(method, url, { headers = {}, body } = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(url, { method, agent, headers }, (reply) => {
      const chunks = [];
      reply.on('data', (chunk) => chunks.push(chunk));
      reply.on('end', () => resolve(JSON.parse(Buffer.concat(chunks).toString('utf8'))));
      reply.on('error', reject);
    });
    request.on('error', reject);
    request.end(body);
  });
}

function json(value) {
  const body = JSON.stringify(value);
  return { body, headers: { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) } };
}

const { urls, credentials, databaseUrl, corrections } = options;

async function bureauToken() {
  const body = new URLSearchParams({
    grant_type: 'client_credentials',
    client_id: credentials.bureau.clientId,
    client_secret: credentials.bureau.clientSecret,
  }).toString();
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'content-length': Buffer.byteLength(body) };
  return (await call('POST', `${urls.bureau}/oauth2/token`, { headers, body })).access_token;
}

async function attendanceToken() {
  const query = new URLSearchParams({
    appkey: credentials.attendance.appKey,
    appsecret: credentials.attendance.appSecret,
  });
  return (await call('GET', `${urls.attendance}/gettoken?${query}`)).access_token;
}

function agencyHeaders(method, url, body = '') {
  const { pathname, searchParams } = new URL(url);
  const timestamp = String(Math.floor(Date.now() / 1000));
  const nonce = randomBytes(12).toString('hex');
  const sorted = [...searchParams]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([k, v]) => `${encodeURIComponent(k)}=${encodeURIComponent(v)}`)
    .join('&');
  const text = [method, pathname, sorted, timestamp, nonce, createHash('sha256').update(body).digest('hex')].join('\n');
  const signature = createHmac('sha256', credentials.agency.appSecret).update(text).digest('hex');
  return {
    'X-App-Key': credentials.agency.appKey,
    'X-Timestamp': timestamp,
    'X-Nonce': nonce,
    'X-Signature': signature,
  };
}

/** A COPY stream into a table; `write` waits when the database is behind. */
async function openCopy(client, table) {
  const stream = client.query(copyFrom(`COPY ${table} FROM STDIN`));
  return {
    write: async (lines) => {
      if (!stream.write(lines)) await once(stream, 'drain');
    },
    end: async () => {
      const done = once(stream, 'finish');
      stream.end();
      await done;
    },
  };
}

const TABLES = `
DROP SCHEMA IF EXISTS floor CASCADE; CREATE SCHEMA floor;
CREATE TABLE floor.contribution (person text, month text, insurance text, base text, employee text, employer text, payer text, kind text, state text);
CREATE TABLE floor.wage (person text, year int, months json);
CREATE TABLE floor.employee (person text, certificate text, status text, base text, jobs json);
CREATE TABLE floor.insured (person text, certificate text, bases json);
CREATE TABLE floor.roster (person text, fields json);
CREATE TABLE floor.attendance (person text, month text, required text, worked text);
CREATE TABLE floor.member (person text, certificate text, state text);
CREATE TABLE floor.agency_order (order_no text, person text, kind text, state text, start_month text, end_month text);
CREATE TABLE floor.bill (bill_no text, person text, month text, insurance text, state text, employee text, employer text);`;

let requests = 0;
let rows = 0;

async function withCopy(table, fill) {
  const client = new pg.Client(databaseUrl);
  await client.connect();
  const copy = await openCopy(client, table);
  await fill(async (lines, count) => {
    requests += 1;
    rows += count;
    if (lines !== '') await copy.write(lines);
  });
  await copy.end();
  await client.end();
}

async function readBureau() {
  const headers = { authorization: `Bearer ${await bureauToken()}` };
  const walk = async (path, query, emit) => {
    for (let cursor = null; ;) {
      const reply = await call(
        'GET',
        `${urls.bureau}${path}?${new URLSearchParams({ ...query, ...(cursor ? { cursor } : {}) })}`,
        { headers },
      );
      await emit(reply.items);
      cursor = reply.nextCursor;
      if (!cursor) return;
    }
  };
  await withCopy('floor.insured', (write) =>
    walk('/v1/insured-persons', { limit: '1000' }, (items) =>
      write(
        items.map((p) => `${p.personNo}\t${p.idNumber}\t${JSON.stringify(p.declaredBases)}\n`).join(''),
        items.length,
      ),
    ),
  );
  await withCopy('floor.contribution', (write) =>
    walk('/v1/contributions', { from: '202209', to: '202303', limit: '2000' }, (items) => {
      let lines = '';
      for (const r of items)
        lines += `${r.personNo}\t${r.aae003}\t${r.aae140}\t${r.aae180}\t${r.aae082}\t${r.aae020}\t${r.aab001}\t${r.aae143}\t${r.aae114}\n`;
      return write(lines, items.length);
    }),
  );
}

async function readPayroll() {
  const headers = { 'x-api-key': credentials.payroll.apiKey };
  const walk = async (path, query, emit) => {
    for (let page = 1, pages = 1; page <= pages; page += 1) {
      const reply = await call(
        'GET',
        `${urls.payroll}${path}?${new URLSearchParams({ ...query, page, pageSize: 1000 })}`,
        { headers },
      );
      pages = reply.data.pages;
      await emit(reply.data.list);
    }
  };
  const empNos = [];
  await withCopy('floor.employee', (write) =>
    walk('/api/v2/employees', { includeLeavers: 1 }, (list) => {
      for (const employee of list) empNos.push(employee.empNo);
      return write(
        list
          .map(
            (e) =>
              `${e.empNo}\t${e.certNo}\t${e.socialStatus}\t${e.socialBase?.pension ?? ''}\t${JSON.stringify(e.jobs)}\n`,
          )
          .join(''),
        list.length,
      );
    }),
  );
  await withCopy('floor.wage', async (write) => {
    for (let start = 0; start < empNos.length; start += 200) {
      const batch = empNos.slice(start, start + 200).join(',');
      await Promise.all(
        [2021, 2022, 2023].map(async (year) => {
          const reply = await call(
            'GET',
            `${urls.payroll}/api/v2/payslips?${new URLSearchParams({ year, empNos: batch })}`,
            { headers },
          );
          await write(
            reply.data.list.map((w) => `${w.empNo}\t${w.year}\t${JSON.stringify(w.gross)}\n`).join(''),
            reply.data.list.length,
          );
        }),
      );
    }
  });
}

async function readAttendance() {
  const token = await attendanceToken();
  const ids = [];
  await withCopy('floor.roster', async (write) => {
    for (let offset = 0, more = true; more; offset += 500) {
      const reply = await call(
        'POST',
        `${urls.attendance}/topapi/roster/list?access_token=${token}`,
        json({ offset, size: 500, include_leavers: true }),
      );
      for (const person of reply.result.list) ids.push(person.userid);
      await write(
        reply.result.list.map((p) => `${p.userid}\t${JSON.stringify(p.fields)}\n`).join(''),
        reply.result.list.length,
      );
      more = reply.result.has_more;
    }
  });
  const months = ['2022-09', '2022-10', '2022-11', '2022-12', '2023-01', '2023-02', '2023-03'];
  await withCopy('floor.attendance', async (write) => {
    for (let start = 0; start < ids.length; start += 200) {
      const userids = ids.slice(start, start + 200);
      await Promise.all(
        months.map(async (month) => {
          const last = new Date(Date.UTC(Number(month.slice(0, 4)), Number(month.slice(5)), 0)).getUTCDate();
          const reply = await call(
            'POST',
            `${urls.attendance}/topapi/attendance/month?access_token=${token}`,
            json({ userids, from: `${month}-01`, to: `${month}-${last}` }),
          );
          let lines = '';
          for (const row of reply.result.rows) lines += `${row.join('\t')}\n`;
          await write(lines, reply.result.rows.length);
        }),
      );
    }
  });
}

async function readAgency() {
  const walk = async (path, emit) => {
    for (let url = `${urls.agency}${path}`; url;) {
      const reply = await call('GET', url, { headers: agencyHeaders('GET', url) });
      await emit(reply.data);
      url = reply.links?.next ? new URL(reply.links.next, urls.agency).href : null;
    }
  };
  await withCopy('floor.member', (write) =>
    walk('/open/v1/members?limit=500', (list) =>
      write(list.map((m) => `${m.memberId}\t${m.idCard}\t${m.state}\n`).join(''), list.length),
    ),
  );
  await withCopy('floor.agency_order', (write) =>
    walk('/open/v1/orders?since=202209&limit=500', (list) =>
      write(
        list
          .map((o) => `${o.orderNo}\t${o.memberId}\t${o.type}\t${o.status}\t${o.startMonth}\t${o.endMonth}\n`)
          .join(''),
        list.length,
      ),
    ),
  );
  await withCopy('floor.bill', (write) =>
    walk('/open/v1/bills?since=202209&limit=500', (list) =>
      write(
        list
          .map(
            (b) =>
              `${b.billNo}\t${b.memberId}\t${b.month}\t${b.insurance}\t${b.state}\t${b.personOverdue}\t${b.orgOverdue}\n`,
          )
          .join(''),
        list.length,
      ),
    ),
  );
}

/** One statement that meets every row once: sums per person, month and insurance, beside what each system shows. */
const COMPARISON = `
WITH paid AS (
  SELECT person, month, insurance, sum(employee::numeric) AS employee, max(base::numeric) AS base
    FROM floor.contribution GROUP BY person, month, insurance),
per_person AS (
  SELECT insured.certificate, count(*) AS cells, min(paid.base) AS low, max(paid.base) AS high
    FROM floor.insured JOIN paid USING (person) GROUP BY insured.certificate)
SELECT count(*) AS persons, sum(per_person.cells) AS cells, count(*) FILTER (WHERE employee.base <> '' AND employee.base::numeric <> per_person.high) AS differing
  FROM floor.employee JOIN per_person USING (certificate)`;

async function push() {
  const token = await attendanceToken();
  const bureau = await bureauToken();
  for (const { system, path, method, bodies } of corrections) {
    for (const body of bodies) {
      const request = json(body);
      if (system === 'payroll') request.headers['x-api-key'] = credentials.payroll.apiKey;
      if (system === 'bureau') request.headers.authorization = `Bearer ${bureau}`;
      const url =
        system === 'attendance' ? `${urls.attendance}${path}?access_token=${token}` : `${urls[system]}${path}`;
      if (system === 'agency') Object.assign(request.headers, agencyHeaders(method, url, request.body));
      await call(method, url, request);
    }
  }
}

async function timed(name, work, into) {
  const started = performance.now();
  const result = await work();
  into[name] = Number(((performance.now() - started) / 1000).toFixed(2));
  return result;
}

const seconds = {};
const client = new pg.Client(databaseUrl);
await client.connect();
await client.query(TABLES);
const started = performance.now();
await timed(
  'fetchParseCopy',
  () => Promise.all([readBureau(), readPayroll(), readAttendance(), readAgency()]),
  seconds,
);
const compared = await timed('compare', async () => (await client.query(COMPARISON)).rows[0], seconds);
await timed('push', push, seconds);
const total = Number(((performance.now() - started) / 1000).toFixed(2));
await client.end();
agent.destroy();
const usage = process.resourceUsage();
process.stdout.write(
  `${JSON.stringify({ seconds: { ...seconds, total }, requests, rows, compared, cpuSeconds: Number(((usage.userCPUTime + usage.systemCPUTime) / 1e6).toFixed(2)), peakRssMb: Math.round(usage.maxRSS / 1024) })}\n`,
);
