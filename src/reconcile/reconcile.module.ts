/** Wires reconcile: its verbs. The database, the jobs and RECONCILE_SETTINGS come from the application. */
import { Module } from '@nestjs/common';
import { ExplainPerson } from './explain-person.js';
import { PolicyImpacts } from './policy-impacts.js';
import { ReconcileBatch } from './reconcile-batch.js';

@Module({
  providers: [ReconcileBatch, ExplainPerson, PolicyImpacts],
  exports: [ReconcileBatch, ExplainPerson, PolicyImpacts],
})
export class ReconcileModule {}
