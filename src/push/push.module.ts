/** Wires push: its verbs. PUSH_SETTINGS comes from the application. */
import { Module } from '@nestjs/common';
import { DecideOperations } from './decide-operations.js';
import { DecidePlan } from './decide-plan.js';
import { PlanOperations } from './plan-operations.js';
import { SendOperations } from './send-operations.js';
import { SubmitCase } from './submit-case.js';

@Module({
  providers: [PlanOperations, SendOperations, DecideOperations, DecidePlan, SubmitCase],
  exports: [PlanOperations, SendOperations, DecideOperations, DecidePlan, SubmitCase],
})
export class PushModule {}
