/** Which events a piece of news is: none where it is no news to anybody. */
import type { EntityManager } from 'typeorm';
import type { ConnectionMoved, FindingsMoved, News, OperationsStuck } from '../domain/facts.js';
import type { Event } from './event-data.js';
import { noteTold } from './notification.store.js';
import type { NotifySettings } from './notify-settings.js';

/** How many findings an event names; the rest is counted. */
const NAMED = 100;

type Ports = Pick<NotifySettings, 'findingsOf' | 'claimStuck'>;

export async function eventsOf(em: EntityManager, news: News, ports: Ports): Promise<readonly Event[]> {
  switch (news.fact) {
    case 'RunCompleted': {
      const { tenantId, runId, asOf, state, operations } = news;
      const data = { tenantId, runId, asOf, state, operations };
      return [{ type: 'run.completed', key: `run.completed/${runId}/${state}`, personId: null, data }];
    }
    case 'RunSuspended': {
      const { tenantId, runId, planId, reasons, operations } = news;
      const data = { tenantId, runId, planId, reasons, operations };
      return [{ type: 'run.suspended', key: `run.suspended/${planId}`, personId: null, data }];
    }
    case 'FindingsMoved':
      return [
        ...(await findings(em, news, { ports, moved: 'opened' })),
        ...(await findings(em, news, { ports, moved: 'closed' })),
      ];
    case 'OperationsStuck':
      return stuck(em, news, ports);
    case 'ConnectionMoved':
      return connection(em, news);
    case 'CaseMoved': {
      const { tenantId, caseId, personId, from, to, moveNo } = news;
      const data = { tenantId, caseId, personId, from, to };
      return [{ type: `case.${to}`, key: `case/${caseId}/${moveNo}`, personId, data }];
    }
    case 'CaseDue': {
      const { tenantId, caseId, personId, state, due, day, eventNo } = news;
      const data = { tenantId, caseId, personId, state, due, day };
      return [{ type: DUE_TYPES[due], key: `case/${caseId}/${eventNo}`, personId, data }];
    }
  }
}

const DUE_TYPES = {
  answer: 'case.answer-due',
  application: 'case.application-due',
  silence: 'case.silence',
} as const;

async function findings(
  em: EntityManager,
  { tenantId, runId, personIds }: FindingsMoved,
  { ports, moved }: { readonly ports: Ports; readonly moved: 'opened' | 'closed' },
): Promise<readonly Event[]> {
  const { first, ...counts } = await ports.findingsOf(em, { tenantId, runId, moved, personIds, limit: NAMED });
  if (counts.findings === 0) return [];
  const type = moved === 'opened' ? 'finding.opened' : 'finding.closed';
  // Persons of one targeted run come in several portions; the first finding tells them apart.
  const key = `${type}/${runId}/${personIds === null ? 'all' : (first[0]?.findingId ?? '')}`;
  return [{ type, key, personId: null, data: { tenantId, runId, ...counts, named: first } }];
}

async function stuck(
  em: EntityManager,
  { tenantId, connectionId }: OperationsStuck,
  ports: Ports,
): Promise<readonly Event[]> {
  const found = await ports.claimStuck(em, tenantId, connectionId);
  if (found === null) return [];
  // Claimed in this very transaction: no other event names these operations under these fences.
  const key = `operation.dead/${connectionId}/${found.fingerprint}`;
  const { operations, byState, byCode, operationIds } = found;
  const data = { tenantId, connectionId, operations, byState, byCode, operationIds };
  return [{ type: 'operation.dead', key, personId: null, data }];
}

/** Probes fail again and again, and many nodes report: only a change of what was last told is news, and "up" only after "down". */
async function connection(
  em: EntityManager,
  { tenantId, connectionId, health, reason }: ConnectionMoved,
): Promise<readonly Event[]> {
  const told = await noteTold(em, { tenantId, subject: `connection:${connectionId}`, told: health, unsaid: 'up' });
  if (told === null) return [];
  const type = health === 'down' ? 'connection.down' : 'connection.up';
  return [
    { type, key: `connection/${connectionId}/${told}`, personId: null, data: { tenantId, connectionId, reason } },
  ];
}
