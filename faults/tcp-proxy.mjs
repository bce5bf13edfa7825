/** A proxy of our own between two TCP ends: latency, cuts at a byte, resets, black holes, half-open connections. */
import { connect, createServer } from 'node:net';

/**
 * Listens on 127.0.0.1 and forwards to `target` ({host, port}), which may be changed while it runs. Faults:
 * `latencyMs` for every chunk of new and old connections; `cutAfter(bytes)`: the next connection that sends its client so
 * many bytes is cut in the middle of them; `reset()`: every connection ends with RST now; `blackHole(true)`: bytes are
 * swallowed both ways until `blackHole(false)`, after which those connections are reset; `halfOpen()`: the far ends are
 * closed, the near ones are left waiting.
 */
export async function startProxy(target) {
  const state = { target, latencyMs: 0, budgets: [], swallowing: false };
  const pairs = new Set();
  const counts = { connections: 0, cuts: 0, resets: 0, swallowed: 0, halfOpened: 0 };
  const server = createServer({ noDelay: true }, (near) => {
    counts.connections += 1;
    const far = connect({ ...state.target, noDelay: true });
    const pair = { near, far, swallowed: state.swallowing };
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      if (pair.isHalfOpen) return;
      near.destroy();
      far.destroy();
    };
    for (const socket of [near, far]) socket.on('error', end).on('close', end);
    near.on('data', (chunk) => pass(pair, chunk, far));
    far.on('data', (chunk) => pass(pair, cutAt(pair, chunk), near));
    near.on('end', () => far.end());
    far.on('end', () => (pair.isHalfOpen ? undefined : near.end()));
  });

  function pass(pair, chunk, to) {
    if (pair.swallowed || chunk.length === 0) return;
    if (state.latencyMs === 0) return void to.write(chunk);
    setTimeout(() => !to.destroyed && to.write(chunk), state.latencyMs);
  }

  /** Gives the part before the cut and ends the connection behind it. */
  function cutAt(pair, chunk) {
    const [budget] = state.budgets;
    if (budget === undefined) return chunk;
    if (budget > chunk.length) {
      state.budgets[0] = budget - chunk.length;
      return chunk;
    }
    state.budgets.shift();
    counts.cuts += 1;
    setImmediate(() => {
      pair.near.destroy();
      pair.far.destroy();
    });
    return chunk.subarray(0, budget);
  }

  const resetAll = (chosen) => {
    for (const { near, far } of chosen) {
      near.resetAndDestroy();
      far.destroy();
    }
    return chosen.length;
  };
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: server.address().port,
    counts,
    set latencyMs(ms) {
      state.latencyMs = ms;
    },
    set target(next) {
      state.target = next;
    },
    cutAfter: (bytes) => state.budgets.push(bytes),
    reset: () => (counts.resets += resetAll([...pairs])),
    blackHole(on) {
      state.swallowing = on;
      if (!on) return void resetAll([...pairs].filter((pair) => pair.swallowed));
      counts.swallowed += pairs.size;
      for (const pair of pairs) pair.swallowed = true;
    },
    halfOpen() {
      for (const pair of pairs) {
        counts.halfOpened += 1;
        pair.isHalfOpen = true;
        pair.far.destroy();
      }
    },
    async stop() {
      for (const { near, far } of pairs) {
        near.destroy();
        far.destroy();
      }
      server.close();
    },
  };
}

/** The same address, reached through a port of this machine. */
export function through(url, port) {
  const changed = new URL(url);
  changed.hostname = '127.0.0.1';
  changed.port = String(port);
  return changed.href;
}

export const endOf = (url) => {
  const { hostname, port } = new URL(url);
  return { host: hostname, port: Number(port) };
};
