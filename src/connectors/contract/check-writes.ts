/** Whether every word the hub may write has a code in the target, and, for one named person, whether a write is understood. */
import { CONTRIBUTION_KINDS, INSURANCES } from '../../domain/insurance.js';
import { PERSON_STATUSES } from '../../domain/situation.js';
import { CompiledWrite } from '../http/compiled-write.js';
import type { Manifest } from '../http/manifest.schema.js';
import { scalarText } from '../http/mapping/scalar-text.js';
import type { Connection, Json, StreamRecord, WriteItem, WriteKind } from '../port.js';
import { failed, passed, type ContractCheck } from './contract-report.js';

type Values = Readonly<Record<string, Json>>;

/** What the hub may want to write; rendered, never sent. */
const SAMPLES: Readonly<Record<WriteKind, readonly Values[]>> = {
  status: PERSON_STATUSES.map((status) => ({ status })),
  bases: [{ bases: { pension: 500_000, medical: 500_000, unemployment: 500_000 } }],
  'order-state': ['pending', 'accepted', 'in-progress', 'done', 'failed', 'cancelled'].map((orderState) => ({
    orderId: 'sample',
    orderState,
  })),
  declaration: INSURANCES.slice(0, 3).map((insurance) => ({ insurance, baseFen: 500_000, effectiveMonth: '2023-03' })),
  'back-payment': INSURANCES.slice(0, 3).map((insurance) => ({
    insurance,
    insurances: [insurance],
    lines: [{ insurance, month: '2023-01', baseFen: 500_000, employeeFen: 40_000, employerFen: 80_000 }],
    month: '2023-01',
    months: ['2023-01'],
    effectiveMonth: '2023-01',
    baseFen: 500_000,
    employeeFen: 40_000,
    employerFen: 80_000,
    lateFeeFen: 0,
    region: '440300',
    kind: CONTRIBUTION_KINDS[0],
  })),
};

/** Renders samples of every declared write; nothing is sent. */
export function checkWritesDry(manifest: Manifest): readonly ContractCheck[] {
  const config = Object.fromEntries(Object.keys(manifest.config).map((name) => [name, 'sample']));
  return (Object.keys(SAMPLES) as WriteKind[]).flatMap((kind) => {
    const spec = manifest.writes[kind];
    if (spec === undefined) return [];
    const write = new CompiledWrite(kind, spec, { manifest, config });
    const refused = SAMPLES[kind].filter((values) => 'outcome' in write.render(itemOf('sample', values)));
    const name = `write ${kind}: dry`;
    if (refused.length === 0)
      return [passed(name, `${SAMPLES[kind].length} samples fit the templates; nothing was sent`)];
    const words = refused
      .map((values) => scalarText(values['status'] ?? values['orderState'] ?? values['insurance']) ?? kind)
      .join(', ');
    return [
      failed(name, `the templates cannot write ${words}`, 'add these words to the code table that the item uses'),
    ];
  });
}

/** Writes back what a person's record already says, so that nothing changes: only plain overwrites of status and bases. */
export async function checkWriteBack(
  connection: Connection,
  {
    owner,
    persons,
    signal,
  }: { readonly owner: string; readonly persons: readonly StreamRecord[]; readonly signal: AbortSignal },
): Promise<readonly ContractCheck[]> {
  const found = persons.find((record) => record.stream === 'persons' && record.ownerKey === owner);
  const checks: ContractCheck[] = [];
  for (const { kind, class: writeClass } of connection.declaration.writes) {
    const name = `write ${kind}: sent`;
    const values = found?.stream === 'persons' ? presentValues(kind, found.item) : null;
    if (writeClass.type !== 'overwrite' || values === null) {
      checks.push(passed(name, 'not tried: only a status or base that the person already has is written back'));
      continue;
    }
    const [outcome] = await connection.write({ kind, items: [itemOf(owner, values)], signal });
    if (outcome?.outcome === 'accepted') checks.push(passed(name, 'one item was accepted'));
    else
      checks.push(
        failed(
          name,
          `one item came back as ${outcome?.outcome ?? 'nothing'} (${outcome !== undefined && 'code' in outcome ? outcome.code : 'no code'})`,
          'compare results (rows, key, matches, ok) and replies with what the system answers',
        ),
      );
  }
  return checks;
}

function presentValues(
  kind: WriteKind,
  item: { readonly status?: string | null; readonly bases?: object },
): Values | null {
  if (kind === 'status') return typeof item.status === 'string' ? { status: item.status } : null;
  return kind === 'bases' && item.bases !== undefined && Object.keys(item.bases).length > 0
    ? { bases: item.bases as Values }
    : null;
}

function itemOf(owner: string, values: Values): WriteItem {
  return { operationId: 'contract', idempotencyKey: 'contract', ownerKey: owner, values };
}
