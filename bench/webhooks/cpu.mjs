/** How much of the processors a stretch of work took, by process, and how many transactions. */
import { readdir, readFile } from 'node:fs/promises';

/** CPU time of processes so far, in ms, ended children included; null where the system does not tell. */
async function cpuMs(pids) {
  try {
    const texts = await Promise.all(pids.map((pid) => readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '')));
    // After the name in brackets: state is field 0, so utime, stime, cutime and cstime are 11 to 14, in hundredths of a second.
    const ticks = texts.filter(Boolean).map((text) =>
      text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 15),
    );
    return ticks.flat().reduce((sum, each) => sum + Number(each) * 10, 0);
  } catch {
    return null;
  }
}

/** The server's first process and all it has begun. */
async function serverPids(database) {
  const pidOf = async (pid) => Number((await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1].split(' ')[1]);
  const own = (await database.query('SELECT pg_backend_pid() AS pid')).rows[0].pid;
  try {
    const first = await pidOf(own);
    const all = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
    const children = await Promise.all(
      all.map(async (pid) => ((await pidOf(pid).catch(() => 0)) === first ? pid : null)),
    );
    return [first, ...children.filter((pid) => pid !== null)];
  } catch {
    return [];
  }
}

export async function cpuSoFar({ hub, sandbox, database }) {
  const transactions = await database.query(
    'SELECT xact_commit::int AS count FROM pg_stat_database WHERE datname = current_database()',
  );
  const { user, system } = process.cpuUsage();
  return {
    hub: await cpuMs(hub.pids),
    database: await cpuMs(await serverPids(database)),
    sandbox: await cpuMs([sandbox.pid]),
    caller: (user + system) / 1000,
    transactions: transactions.rows[0].count,
  };
}

export function perDelivery(before, after, deliveries) {
  const each = Object.keys(before).map((name) => [
    name,
    Number(((after[name] - before[name]) / deliveries).toFixed(1)),
  ]);
  return Object.fromEntries(each);
}
