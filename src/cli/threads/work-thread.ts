/** One further thread of a hub: opens the same hub for itself, judges persons beside the others, reads connections when told to. */
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { Secret } from '../../platform/config/secrets.js';
import { ownThreadReader, type ConnectionReader } from '../../sync/connection-readers.js';
import { SyncTools } from '../../sync/sync-tools.js';
import { openHub, type OpenHub } from '../open-hub.js';
import { loadConfig } from '../with-hub.js';
import { receivedError, sentError, type FromThread, type ThreadStart, type ToThread } from './thread-messages.js';

const start = workerData as ThreadStart;
const port = parentPort;
if (port === null) throw new Error('This file is a thread of a hub; it is not started by itself.');
const say = (message: FromThread): void => port.postMessage(message);

const reading = new Map<number, AbortController>();
const hub = await openThreadHub();
const reader = ownThreadReader(hub.app.get(SyncTools));
port.on('message', (message: ToThread) => {
  switch (message.type) {
    case 'read':
      return void readConnection(reader, message);
    case 'stop-reading':
      return reading.get(message.id)?.abort(receivedError(message.why));
    case 'rest':
      return void rest();
  }
});
say({ type: 'ready' });

async function openThreadHub(): Promise<OpenHub> {
  const { config, log } = loadConfig({ config: start.configFile });
  const database = { ...config.database, url: new Secret(start.databaseUrl) };
  const opened = await openHub(
    { ...config, dataDir: start.dataDir, database, warnings: [] },
    log.child({ thread: threadId }),
  );
  await opened.judge();
  return opened;
}

async function readConnection(
  by: ConnectionReader,
  { id, order }: Extract<ToThread, { readonly type: 'read' }>,
): Promise<void> {
  const stopping = new AbortController();
  reading.set(id, stopping);
  try {
    await by.read(order, {
      signal: stopping.signal,
      onProgress: (progress) => say({ type: 'progress', id, progress }),
    });
    say({ type: 'read-ended', id, failure: null });
  } catch (error) {
    hub.log.warn({ err: error, connectionId: order.connectionId }, 'A thread broke off the reading of a connection.');
    say({ type: 'read-ended', id, failure: sentError(error) });
  } finally {
    reading.delete(id);
  }
}

async function rest(): Promise<void> {
  try {
    await hub.close();
    say({ type: 'at-rest', failure: null });
  } catch (error) {
    say({ type: 'at-rest', failure: sentError(error) });
  }
  port?.close();
}
