/** `buduan case evidence`: everything of one case in one file, for an auditor. */
import { createHash } from 'node:crypto';
import { closeSync, openSync, rmSync, writeFileSync } from 'node:fs';
import type { Command } from 'commander';
import { refusalText } from '../../backpay/refusal-text.js';
import { HubError } from '../../domain/hub-error.js';
import type { Clock } from '../../platform/clock/clock.js';
import { systemCode } from '../../platform/config/config-error.js';
import { CLOCK } from '../../platform/platform.module.js';
import { loginName } from '../login-name.js';
import { uuidArgument } from '../option-parsers.js';
import { type CommandContext, type HubOptions, hubCommand, withHub } from '../with-hub.js';
import { evidenceArchive } from './evidence-archive.js';
import { takeEvidence } from './take-evidence.js';
import { todayOf } from '../hub-today.js';

interface EvidenceOptions extends HubOptions {
  readonly out: string;
  readonly by: string;
}

export function registerEvidenceCommand(cases: Command): void {
  hubCommand(cases, 'evidence', 'everything of a case as one ZIP file for auditors; goes into the audit trail')
    .argument('<case>', 'which one', uuidArgument)
    .requiredOption('--out <file>', 'the archive to be written; must not be there yet')
    .option('--by <name>', 'who takes it; goes into the audit trail', loginName())
    .action((caseId: string, options: EvidenceOptions) =>
      withHub(options, (context) => writeEvidence(context, caseId, options)),
    );
}

/** The file is opened first: what cannot be written is not taken either. */
async function writeEvidence({ hub, terminal, tenant }: CommandContext, caseId: string, options: EvidenceOptions) {
  const { out, by } = options;
  const file = openNew(out);
  try {
    const today = todayOf(hub);
    const tools = { database: hub.database, clock: hub.app.get<Clock>(CLOCK) };
    const evidence = await takeEvidence(tools, { tenant, caseId: caseId.toLowerCase(), today, by });
    if (evidence === null)
      throw new HubError({
        code: 'unknown-case',
        next: 'ask-person',
        message: refusalText({ outcome: 'unknown-case' }),
      });
    const archive = evidenceArchive(evidence);
    writeFileSync(file, archive);
    const sha256 = createHash('sha256').update(archive).digest('hex');
    const { head } = evidence.audit;
    terminal.say(`Evidence of case ${caseId} is in ${out}.`);
    terminal.say(`SHA-256 ${sha256}; audit event ${head.eventNo}.`);
    terminal.json({ caseId, file: out, sha256, head });
  } catch (error) {
    rmSync(out, { force: true });
    throw error;
  } finally {
    closeSync(file);
  }
}

/** For its owner alone: it tells of wages. */
function openNew(out: string): number {
  try {
    return openSync(out, 'wx', 0o600);
  } catch (error) {
    throw new HubError({
      code: 'cannot-write',
      next: 'fix-config',
      message: `The archive ${out} cannot be made (${systemCode(error)}). Name a file that is not there yet, in a folder that is.`,
      cause: error,
    });
  }
}
