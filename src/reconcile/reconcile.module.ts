/** Wires reconcile: its verbs. The database, the jobs and RECONCILE_SETTINGS come from the application. */
import { Module } from '@nestjs/common';
import { ExplainPerson } from './explain-person.js';
import { MarkFindings } from './mark-findings.js';
import { PolicyImpacts } from './policy-impacts.js';
import { ShowFinding } from './show-finding.js';
import { ReconcileBatch } from './reconcile-batch.js';

@Module({
  providers: [ReconcileBatch, ExplainPerson, PolicyImpacts, MarkFindings, ShowFinding],
  exports: [ReconcileBatch, ExplainPerson, PolicyImpacts, MarkFindings, ShowFinding],
})
export class ReconcileModule {}
