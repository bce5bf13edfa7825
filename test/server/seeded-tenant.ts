/** One row of everything that has an id, for a tenant of the access world: so that a stranger has something to ask for. */
import { v7 as newId } from 'uuid';
import { IdentityVault } from '../../src/platform/crypto/identity-vault.js';
import type { AccessWorld } from './access-world.js';

export interface SeededTenant {
  readonly person: string;
  readonly run: string;
  readonly finding: string;
  readonly case: string;
  /** Of the case. */
  readonly receipt: string;
  readonly link: string;
  readonly plan: string;
  readonly operation: string;
  readonly connection: string;
  /** The key of the person at the connection. */
  readonly ownerKey: string;
  /** What it would send, hex. */
  readonly hashes: { readonly plan: string; readonly operation: string; readonly case: string };
}

export const MAKER = 'hr-desk';
const PAPER = Buffer.from('%PDF-1.4').toString('base64');

/** A suspended plan, a held operation, a case that awaits approval, an open finding and a link; all made by `MAKER`. */
export async function seedTenant(world: AccessWorld, tenantId: string): Promise<SeededTenant> {
  const ids = { person: newId(), run: newId(), finding: newId(), case: newId(), link: newId(), plan: newId() };
  const receipt = newId();
  const vault = world.serving.hub.app.get(IdentityVault);
  const [operation, braked] = [newId(), newId()];
  const connection = `payroll-of-${tenantId}`;
  const ownerKey = `E-${tenantId}`;
  await world.test.database.inTenant(tenantId, async (em) => {
    const run = (text: string, ...parameters: unknown[]): Promise<unknown> => em.query(text, [tenantId, ...parameters]);
    await run(
      `INSERT INTO buduan.connection (tenant_id, connection_id, connector_id, version, role) VALUES ($1, $2, 'small', '1', 'payroll')`,
      connection,
    );
    await run(
      `INSERT INTO buduan.run (tenant_id, run_id, mode, trigger, state, as_of, dry_run, policy_version, started_by)
       VALUES ($1, $2, 'full', 'manual', 'suspended', '2026-03-01', false, 'small-1', $3)`,
      ...[ids.run, MAKER],
    );
    await run(
      `INSERT INTO buduan.person (tenant_id, person_id, id_type, id_number_enc, id_number_bidx, id_masked)
       VALUES ($1, $2, 'resident-id', '', $3, '1101**********0011')`,
      ...[ids.person, Buffer.from(ids.person)],
    );
    await run(
      `INSERT INTO buduan.finding (tenant_id, finding_id, person_id, employment_id, insurance, situation, months, detail, opened_run_id)
       VALUES ($1, $2, $3, 'E1', 'pension', 'gap', '{2026-01}', '{"months": [], "effectFen": null, "evidence": []}', $4)`,
      ...[ids.finding, ids.person, ids.run],
    );
    await run(
      `INSERT INTO buduan.back_payment_case (tenant_id, case_id, person_id, employment_id, state, round, origin, content, content_hash,
         inputs_hash, advice, last_day, proposed_by, requested_by, confirmed_by, confirmed_hash, run_id)
       VALUES ($1, $2, $3, 'E1', 'awaiting-approval', 1, 'finding', '{"lines": []}', sha256($2::uuid::text::bytea), '\\x01',
         '{"verdict": "eligible", "text": {"zh": [], "en": []}, "missing": [], "doubtful": []}', '2026-04-01', 'hub', $5, 'for-employee',
         sha256($2::uuid::text::bytea), $4)`,
      ...[ids.case, ids.person, ids.run, MAKER],
    );
    await run(
      `INSERT INTO buduan.case_line (tenant_id, case_id, insurance, month, person_id, base_fen, employee_fen, employer_fen, live)
       VALUES ($1, $2, 'pension', '2026-01', $3, 1000000, 80000, 140000, true)`,
      ...[ids.case, ids.person],
    );
    await run(
      `INSERT INTO buduan.case_event (tenant_id, case_id, round, kind, from_state, to_state, actor, on_day)
       VALUES ($1, $2, 1, 'moved', 'confirmed', 'awaiting-approval', 'hub', '2026-03-01')`,
      ids.case,
    );
    await run(
      `INSERT INTO buduan.case_receipt (tenant_id, receipt_id, case_id, round, kind, bytes, sha256, content_enc, attached_by)
       VALUES ($1, $2, $3, 1, 'pdf', 8, '\\x01', $4, $5)`,
      ...[receipt, ids.case, vault.seal(tenantId, 'case_receipt', 'content_enc', receipt, PAPER), MAKER],
    );
    await run(
      `INSERT INTO buduan.employee_link (tenant_id, link_id, person_id, created_by, created_at, expires_at)
       VALUES ($1, $2, $3, 'hr-desk', now(), now() + interval '7 days')`,
      ...[ids.link, ids.person],
    );
    await run(
      `INSERT INTO buduan.plan (tenant_id, plan_id, run_id, is_full, state, reasons, figures, hash, operation_count, worse_count, rebased_count,
         money, person_count, new_connections, run_state)
       VALUES ($1, $2, $3, true, 'suspended', '{first-run}', '[]', '\\x01', 1, 0, 0, '{}', 1, '{}', 'succeeded')`,
      ...[ids.plan, ids.run],
    );
    for (const { id, kind, code, planId } of [
      { id: operation, kind: 'declaration', code: 'needs-approval', planId: null },
      { id: braked, kind: 'status', code: 'brake', planId: ids.plan },
    ])
      await run(
        `INSERT INTO buduan.operation (tenant_id, operation_id, connection_id, kind, owner_key, object_key, person_id, business_key, desired,
           expected_before, payload_hash, moves_money, state, outcome_code, run_id, plan_id)
         VALUES ($1, $2, $3, $4, $5, '', $6, $4, '{"status": "insured"}', '{}', sha256($2::uuid::text::bytea), $7, 'held', $8, $9, $10)`,
        ...[id, connection, kind, ownerKey, ids.person, kind === 'declaration', code, ids.run, planId],
      );
  });
  const hashes = await hashesOf(world, tenantId);
  return { ...ids, receipt, operation, connection, ownerKey, hashes };
}

/** As the list shows them to whoever may look. */
async function hashesOf(world: AccessWorld, tenantId: string): Promise<SeededTenant['hashes']> {
  const key = tenantId === 'company-a' ? world.keys.checker : world.strangersKey;
  const { body } = await world.ask('/api/approvals', { key });
  const { approvals } = body as { readonly approvals: readonly { readonly kind: string; readonly hash: string }[] };
  const hash = (kind: string): string => approvals.find((each) => each.kind === kind)?.hash ?? '';
  return { plan: hash('plan'), operation: hash('operation'), case: hash('case') };
}
