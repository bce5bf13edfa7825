/** How long calls wait for their answer, and changes for their last correction, at a steady pace. */
import { setTimeout as pause } from 'node:timers/promises';
import { signedCall } from '../../dist/sandbox/webhooks.js';
import { cpuSoFar, perDelivery } from './cpu.mjs';
import { control, say, send, settled, summary } from './world.mjs';

/** Medians and 99th percentiles of the way of a delivery, by the database's own times: stored, read, judged, planned, sent, answered. */
async function stagesOf(database, ids) {
  const { rows } = await database.query(
    `SELECT extract(epoch FROM r.moved_at - d.received_at) * 1000 AS read, extract(epoch FROM p.created_at - r.moved_at) * 1000 AS planned,
            extract(epoch FROM o.first_sent - p.created_at) * 1000 AS sent, extract(epoch FROM o.acknowledged - o.first_sent) * 1000 AS answered
       FROM buduan.webhook_delivery d JOIN buduan.webhook_reading r USING (tenant_id, connection_id, delivery_id)
       JOIN buduan.plan p ON p.tenant_id = r.tenant_id AND p.run_id = r.run_id
       JOIN LATERAL (SELECT max(o.sent_at) AS first_sent, max(o.acknowledged_at) AS acknowledged FROM buduan.operation o
                      WHERE o.tenant_id = r.tenant_id AND o.run_id = r.run_id) o ON true
      WHERE d.delivery_id = ANY($1)`,
    [ids],
  );
  const of = (name) => summary(rows.map((row) => Number(row[name])));
  return {
    receivedToRead: of('read'),
    readToPlanned: of('planned'),
    plannedToSent: of('sent'),
    sentToAnswered: of('answered'),
  };
}

/** Changes one person after another at the given pace and tells of each; resolves to when each was told. */
export async function tellChanges({ sandbox, hub }, { people, rate, acks }) {
  const toldAt = new Map();
  const calls = [];
  const startedMs = performance.now();
  const one = async ({ index, postings }) => {
    for (const posting of postings) await control(sandbox, 'change', { index, posting });
    toldAt.set(index, Date.now());
    const call = signedCall('bureau', index, { id: `bench-${index}`, now: Date.now() });
    const { status, ms } = await send(hub, call);
    if (status === 200) acks.push(ms);
    else say(`  answered ${status}`);
  };
  for (const [place, person] of people.entries()) {
    await pause(Math.max(0, (place * 1000) / rate - (performance.now() - startedMs)));
    calls.push(one(person));
  }
  await Promise.all(calls);
  return { toldAt, seconds: (performance.now() - startedMs) / 1000 };
}

export async function measureLatency(world, { people: all, rate, warmUp }) {
  const { sandbox, database } = world;
  const acks = [];
  await tellChanges(world, { people: all.slice(0, warmUp), rate, acks: [] });
  await settled(database);
  const people = all.slice(warmUp);
  const before = await cpuSoFar(world);
  const { toldAt, seconds } = await tellChanges(world, { people, rate, acks });
  await settled(database);
  const cpu = perDelivery(before, await cpuSoFar(world), people.length);
  const lastWrite = new Map();
  for (const { object, at } of (await control(sandbox, 'history?limit=100000')).entries) {
    const [, kind, index] = object.split('/');
    const told = toldAt.get(Number(index));
    if (kind === 'status' && told !== undefined && Date.parse(at) >= told)
      lastWrite.set(Number(index), Date.parse(at) - told);
  }
  const { missing, wrong, extra, duplicated } = await control(sandbox, 'report');
  return {
    rate: Number((people.length / seconds).toFixed(1)),
    acknowledgedMs: summary(acks),
    correctedMs: summary([...lastWrite.values()]),
    stagesMs: await stagesOf(
      database,
      people.map(({ index }) => `bench-${index}`),
    ),
    perDelivery: cpu,
    report: { missing, wrong, extra, duplicated },
  };
}
