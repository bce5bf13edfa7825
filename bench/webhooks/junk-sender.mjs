/**
 * A process that sends calls with forged signatures at a steady pace until it is told to stop (SIGTERM), over connections that
 * are kept; then prints how many it sent and what was answered. Bare sockets: a client that costs more than the hub would measure
 * itself. Arguments: address, calls a second.
 */
import { connect } from 'node:net';

const CONNECTIONS = 64;
const TICK_MS = 10;
const address = new URL(process.argv[2]);
const rate = Number(process.argv[3]);
const counts = { sent: 0, refused: 0, otherAnswers: 0, unanswered: 0 };
const idle = [];

/** A good-looking delivery: fresh, with an id, its body whole; only the signature is nobody's. */
function junk(no) {
  const body = JSON.stringify({ type: 'person.changed', data: { personNo: `P${no}`, noise: 'x'.repeat(100) } });
  return [
    `POST ${address.pathname} HTTP/1.1`,
    `host: ${address.host}`,
    'content-type: application/json',
    `content-length: ${body.length}`,
    `webhook-id: junk-${no}`,
    `webhook-timestamp: ${Math.floor(Date.now() / 1000)}`,
    `webhook-signature: v1,${'A'.repeat(43)}=`,
    '',
    body,
  ].join('\r\n');
}

function open() {
  const socket = connect(Number(address.port), address.hostname);
  socket.setNoDelay(true);
  socket.on('connect', () => idle.push(socket));
  socket.on('data', (chunk) => {
    // One answer is one packet here: small, and never two at a time on one connection.
    if (chunk.includes('HTTP/1.1 401')) counts.refused += 1;
    else counts.otherAnswers += 1;
    idle.push(socket);
  });
  socket.on('error', () => undefined);
  socket.on('close', () => setTimeout(open, 50));
}

for (let place = 0; place < CONNECTIONS; place += 1) open();
const startedMs = performance.now();
const timer = setInterval(() => {
  const due = Math.floor(((performance.now() - startedMs) * rate) / 1000) - counts.sent - counts.unanswered;
  for (let left = due; left > 0; left -= 1) {
    const socket = idle.pop();
    if (socket === undefined) {
      // Every connection waits for an answer: what was due is given up and told, not sent later in a heap.
      counts.unanswered += left;
      break;
    }
    counts.sent += 1;
    socket.write(junk(counts.sent));
  }
}, TICK_MS);

process.on('SIGTERM', () => {
  clearInterval(timer);
  const seconds = (performance.now() - startedMs) / 1000;
  const { unanswered, ...rest } = counts;
  const { user, system } = process.cpuUsage();
  const cpuMs = Math.round((user + system) / 1000);
  const told = { ...rest, notSent: unanswered, perSecond: Math.round(counts.sent / seconds), cpuMs };
  process.stdout.write(`${JSON.stringify(told)}\n`, () => process.exit(0));
});
