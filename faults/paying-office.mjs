/**
 * A bureau that pays whatever it is told, as often as it is told: it knows no idempotency keys. What it paid is what the
 * checker judges. It can be asked afterwards whether a reference was paid; its answer is right `MAX_PROCESSING_MS` after
 * a request came, never earlier promised.
 */
import { createServer } from 'node:http';
import { setTimeout as wait } from 'node:timers/promises';
import { chanceOf } from './random.mjs';

/** Declared in faults/paying-office.yaml; the slowest request takes a little less. */
export const MAX_PROCESSING_MS = 1500;
/** What the client waits is 500 ms: slower requests take effect after it gave up. */
const SLOWEST_MS = 900;

/** Which part of the requests meets which fault; each share in [0, 1]. */
export const ROUGH = { refused: 0.04, unavailable: 0.04, dropped: 0.08, lost: 0.15, slow: 0.06, halved: 0.05 };
export const SMOOTH = { refused: 0, unavailable: 0, dropped: 0, lost: 0, slow: 0, halved: 0 };

export async function startOffice(seed) {
  const payments = [];
  const tries = new Map();
  const counts = { requests: 0, refused: 0, unavailable: 0, dropped: 0, lost: 0, slow: 0, halved: 0, questions: 0 };
  let rates = SMOOTH;
  /** Faults for the next requests, before the rates are asked: for scenarios. */
  const next = [];

  function fateOf(refs) {
    const forced = next.shift();
    if (forced !== undefined) return forced;
    const no = (tries.get(refs[0]) ?? 0) + 1;
    tries.set(refs[0], no);
    let chance = chanceOf(seed, refs[0], no);
    for (const [fate, rate] of Object.entries(rates)) {
      if (chance < rate) return fate;
      chance -= rate;
    }
    return 'plain';
  }

  async function pay(items, response) {
    counts.requests += 1;
    const refs = items.map(({ ref }) => ref);
    const fate = fateOf(refs);
    if (fate !== 'plain') counts[fate] += 1;
    if (fate === 'refused') return void answer(response, 429, { error: 'slow down' });
    if (fate === 'unavailable') return void answer(response, 503, { error: 'later' });
    if (fate === 'dropped') return void response.destroy();
    await wait(fate === 'slow' ? SLOWEST_MS : chanceOf(seed, refs[0], 'ms') * 40);
    const done = fate === 'halved' ? items.slice(0, Math.ceil(items.length / 2)) : items;
    for (const { ref, fen } of done) payments.push({ no: payments.length + 1, ref, fen });
    if (fate === 'lost' || fate === 'halved') return void response.destroy();
    if (response.destroyed) return;
    answer(response, 200, { results: refs.map((ref) => ({ ref, result: 'paid' })) });
  }

  const server = createServer((request, response) => {
    const chunks = [];
    request.on('data', (chunk) => chunks.push(chunk));
    request.on('end', () => {
      if (request.method === 'POST') return void pay(JSON.parse(Buffer.concat(chunks).toString()).payments, response);
      counts.questions += 1;
      const ref = new URL(request.url, 'http://office').searchParams.get('ref');
      answer(response, 200, { payments: payments.filter((payment) => payment.ref === ref).map(() => ({ ref })) });
    });
    request.on('error', () => undefined);
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${server.address().port}`,
    payments,
    counts,
    next,
    set rates(shares) {
      rates = shares;
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function answer(response, status, body) {
  response.writeHead(status, { 'Content-Type': 'application/json' });
  response.end(JSON.stringify(body));
}
