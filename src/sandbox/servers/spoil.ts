/** How does a switched-on fault change what goes over the wire? */
import type { ServerResponse } from 'node:http';
import { setTimeout as pause } from 'node:timers/promises';
import { gzipSync } from 'node:zlib';
import type { ActiveFaults, FaultOrder } from './faults.js';
import type { Reply } from './serve.js';

const BAN_PAGE =
  '<!DOCTYPE html><html><head><title>403 Forbidden</title></head><body><h1>访问被拦截</h1></body></html>';
const MEGABYTE = 1024 * 1024;
const BOMB_PART_MEGABYTES = 16;

/** Before the request has any effect. True: it has been answered, or never will be. */
async function before(faults: ActiveFaults, response: ServerResponse): Promise<boolean> {
  if (faults.size === 0) return false;
  const latency = faults.get('latency');
  if (latency) await pause(latency.latencyMs ?? 1000);
  const ban = faults.get('htmlBanPage');
  if (ban) return answer(response, { status: ban.status ?? 403, type: 'text/html; charset=utf-8', body: BAN_PAGE });
  if (faults.has('redirect')) return redirect(response);
  const failure = faults.get('status5xx');
  if (failure)
    return answer(response, { status: failure.status ?? 503, type: 'text/plain', body: 'upstream unavailable' });
  const bomb = faults.get('gzipBomb');
  if (bomb) return explode(bomb, response);
  const loris = faults.get('slowLoris');
  if (loris) return drip(loris, response);
  return false;
}

/** After the request took effect. True: the reply has been cut. */
function after(faults: ActiveFaults, reply: Reply, response: ServerResponse): boolean {
  if (faults.size === 0) return false;
  if (faults.has('lostReply')) {
    response.destroy();
    return true;
  }
  if (!faults.has('truncatedBody')) return false;
  const bytes = Buffer.from(reply.body);
  response.writeHead(reply.status, { 'Content-Type': 'application/json; charset=utf-8', ...reply.headers });
  response.end(bytes.subarray(0, Math.floor(bytes.length / 2)));
  return true;
}

function text(faults: ActiveFaults, body: string): string {
  if (faults.size === 0) return body;
  let spoiled = body;
  const number = faults.get('idAsNumber');
  if (number) spoiled = rewrite(spoiled, number, NUMBER_FOR_ID);
  const money = faults.get('garbageMoney');
  if (money) spoiled = rewrite(spoiled, money, GARBAGE_MONEY);
  const month = faults.get('month13');
  if (month) for (const change of MONTHS_13) spoiled = rewrite(spoiled, month, change);
  return spoiled;
}

function headers(faults: ActiveFaults): Readonly<Record<string, string>> {
  return faults.has('wrongContentType') ? { 'Content-Type': 'text/html; charset=utf-8' } : {};
}

export const spoil = { before, after, text, headers };

interface Rewrite {
  readonly pattern: RegExp;
  readonly replacement: string;
}

const NUMBER_FOR_ID: Rewrite = {
  // Leading zeros go: JSON has no such numbers, and a sender that made one of the text lost them.
  pattern: /("(?:idNumber|certNo|idCard)":|"code":"idNo","value":)"0*(\d{9,18})"/,
  replacement: '$1$2',
};
const GARBAGE_MONEY: Rewrite = {
  pattern: /("aae180":|"gross":\[(?:null,)*|"base":|"worked":)(?:"[^"]*"|[\d.]+)/,
  replacement: '$1"1,2345.6"',
};
const MONTHS_13: readonly Rewrite[] = [
  { pattern: /("(?:aae003|startMonth)":")(\d{4})\d{2}"/, replacement: '$1$213"' },
  { pattern: /(,")(\d{4}-)\d{2}"/, replacement: '$1$213"' },
  { pattern: /("gross":\[[^\]]*)\]/, replacement: '$1,1]' },
];

function rewrite(body: string, order: FaultOrder, { pattern, replacement }: Rewrite): string {
  return body.replace(order.rows === 'all' ? new RegExp(pattern.source, 'g') : pattern, replacement);
}

function answer(
  response: ServerResponse,
  page: { readonly status: number; readonly type: string; readonly body: string },
): true {
  response.writeHead(page.status, { 'Content-Type': page.type });
  response.end(page.body);
  return true;
}

function redirect(response: ServerResponse): true {
  response.writeHead(302, { Location: '/elsewhere' });
  response.end();
  return true;
}

/** Zeros in several gzip members, each inflating to 16 MB. */
function explode(order: FaultOrder, response: ServerResponse): true {
  const part = gzipSync(Buffer.alloc(BOMB_PART_MEGABYTES * MEGABYTE, ' '));
  const count = Math.max(Math.ceil((order.megabytes ?? 256) / BOMB_PART_MEGABYTES), 1);
  const body = Buffer.concat(Array.from({ length: count }, () => part));
  response.writeHead(200, {
    'Content-Type': 'application/json',
    'Content-Encoding': 'gzip',
    'Content-Length': body.length,
  });
  response.end(body);
  return true;
}

/** One blank at a time until the client gives up. */
function drip(order: FaultOrder, response: ServerResponse): true {
  response.writeHead(200, { 'Content-Type': 'application/json' });
  const timer = setInterval(() => response.write(' '), order.latencyMs ?? 200);
  response.on('close', () => clearInterval(timer));
  return true;
}
