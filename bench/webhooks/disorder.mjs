/** Whether many deliveries, three times each and in any order, leave what a full run finds nothing to add to. */
import { loadavg } from 'node:os';
import { signedCall } from '../../dist/sandbox/webhooks.js';
import { cpuSoFar, perDelivery } from './cpu.mjs';
import { control, fullRun, send, settled, summary } from './world.mjs';

const SENDERS = 16;

async function pay(sandbox, people, half) {
  for (const { index, postings } of people) {
    const middle = Math.ceil(postings.length / 2);
    for (const posting of half === 'first' ? postings.slice(0, middle) : postings.slice(middle))
      await control(sandbox, 'change', { index, posting });
  }
}

/** Everything the hub holds of what the bureau says, and what it concludes: equal states have equal digests. */
async function digestOf(database) {
  await database.query(`SELECT set_config('buduan.tenant', 'company-a', false)`);
  const { rows } = await database.query(
    `SELECT md5(coalesce(string_agg(line, E'\n' ORDER BY line), '')) AS digest FROM (
       SELECT concat_ws(' ', 'record', connection_id, stream, owner_key, encode(content_hash, 'hex'), gone_at IS NULL) AS line
         FROM buduan.source_record WHERE connection_id = 'bureau'
       UNION ALL SELECT concat_ws(' ', 'judged', person_id, status, cells::text) FROM buduan.judgement) AS state`,
  );
  return rows[0].digest;
}

function shuffle(list) {
  for (let at = list.length - 1; at > 0; at -= 1) {
    const other = Math.floor(Math.random() * (at + 1));
    [list[at], list[other]] = [list[other], list[at]];
  }
  return list;
}

/**
 * Each change is told by deliveries of its own. Half of the payments, and what tells of them twice; then the other half, and what
 * tells of that three times, mixed with the third time of the first.
 */
export async function measureDisorder(world, { people, deliveries }) {
  const { sandbox, hub, database, env } = world;
  const calls = Array.from({ length: deliveries }, (_, place) => ({
    index: people[place % people.length].index,
    id: `d-${place}`,
  }));
  const early = calls.slice(0, deliveries / 2);
  const late = calls.slice(deliveries / 2);
  await pay(sandbox, people, 'first');
  const before = await cpuSoFar(world);
  const startedMs = performance.now();
  const happenedAt = Date.now();
  const acks = [];
  let refused = 0;
  const sendAll = (queue) =>
    Promise.all(
      Array.from({ length: SENDERS }, async () => {
        for (let next = queue.pop(); next !== undefined; next = queue.pop()) {
          const { index, id } = next;
          const { status, ms } = await send(hub, signedCall('bureau', index, { id, now: Date.now(), happenedAt }));
          if (status === 200) acks.push(ms);
          else refused += 1;
        }
      }),
    );
  await sendAll(shuffle([...early, ...early]));
  await pay(sandbox, people, 'second');
  await sendAll(shuffle([...early, ...late, ...late, ...late]));
  const sentMs = performance.now() - startedMs;
  await settled(database);
  const settledMs = performance.now() - startedMs;
  const cpu = perDelivery(before, await cpuSoFar(world), deliveries * 3);
  const { rows } = await database.query(
    'SELECT count(*)::int AS stored, sum(repeats)::int AS repeats FROM buduan.webhook_delivery',
  );
  const { missing, wrong, extra, duplicated } = await control(sandbox, 'report');
  const { reads } = (await database.query("SELECT count(*)::int AS reads FROM buduan.run WHERE trigger = 'webhook'"))
    .rows[0];
  const digest = await digestOf(database);
  await hub.stop();
  const wroteBefore = (await control(sandbox, 'history')).total;
  await fullRun(env);
  return {
    sent: deliveries * 3,
    refused,
    ...rows[0],
    seconds: { toSend: Number((sentMs / 1000).toFixed(1)), untilSettled: Number((settledMs / 1000).toFixed(1)) },
    acknowledgedMs: summary(acks),
    perCall: cpu,
    loadAverage: Number(loadavg()[0].toFixed(1)),
    targetedReads: reads,
    report: { missing, wrong, extra, duplicated },
    fullRunAfterwards: {
      sameState: (await digestOf(database)) === digest,
      wrote: (await control(sandbox, 'history')).total - wroteBefore,
    },
    holds: rows[0].stored === deliveries && rows[0].repeats === deliveries * 2,
  };
}
