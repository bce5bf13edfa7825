/** Every migration, oldest first. */
import { FirstNight1795392000000 } from './1795392000000-first-night.js';
import { RateBudgets1795478400000 } from './1795478400000-rate-budgets.js';
import { Plans1795521600000 } from './1795521600000-plans.js';
import { ConnectionHealth1795525200000 } from './1795525200000-connection-health.js';
import { Transitions1795528800000 } from './1795528800000-transitions.js';
import { PolicyEditions1795564800000 } from './1795564800000-policy-editions.js';
import { Webhooks1795651200000 } from './1795651200000-webhooks.js';
import { Schedules1795654800000 } from './1795654800000-schedules.js';
import { WebhooksDue1795658400000 } from './1795658400000-webhooks-due.js';
import { Notifications1795658500000 } from './1795658500000-notifications.js';
import { BackPayments1795662000000 } from './1795662000000-back-payments.js';
import { Access1795665600000 } from './1795665600000-access.js';
import { EmployeeLinks1795665660000 } from './1795665660000-employee-links.js';
import { PushFreeze1795741200000 } from './1795741200000-push-freeze.js';
import { FindingMarks1795900000000 } from './1795900000000-finding-marks.js';
import { RefusalReasons1795900000001 } from './1795900000001-refusal-reasons.js';
import { CasePastApplications1795901000000 } from './1795901000000-case-past-applications.js';
import { CaseReceipts1795901000100 } from './1795901000100-case-receipts.js';
import { KeyUse1795902000000 } from './1795902000000-key-use.js';
import { PlanOperations1795902000001 } from './1795902000001-plan-operations.js';
import { CaseRefusedApplications1795903000000 } from './1795903000000-case-refused-applications.js';

export const MIGRATIONS = [
  FirstNight1795392000000,
  RateBudgets1795478400000,
  Plans1795521600000,
  ConnectionHealth1795525200000,
  Transitions1795528800000,
  PolicyEditions1795564800000,
  Webhooks1795651200000,
  Schedules1795654800000,
  WebhooksDue1795658400000,
  Notifications1795658500000,
  BackPayments1795662000000,
  Access1795665600000,
  EmployeeLinks1795665660000,
  PushFreeze1795741200000,
  FindingMarks1795900000000,
  RefusalReasons1795900000001,
  CasePastApplications1795901000000,
  CaseReceipts1795901000100,
  KeyUse1795902000000,
  PlanOperations1795902000001,
  CaseRefusedApplications1795903000000,
] as const;
