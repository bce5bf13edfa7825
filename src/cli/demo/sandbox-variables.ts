/** The environment variables by which examples/demo/hub.yaml finds the sandbox. */
import { SANDBOX_CREDENTIALS } from '../../sandbox/credentials.js';
import type { SandboxProcess } from './sandbox-process.js';

export function sandboxVariables(urls: SandboxProcess['urls']): Readonly<Record<string, string>> {
  const { bureau, payroll, attendance, agency } = SANDBOX_CREDENTIALS;
  return {
    SANDBOX_BUREAU_URL: urls.bureau,
    SANDBOX_BUREAU_CLIENT_ID: bureau.clientId,
    SANDBOX_BUREAU_CLIENT_SECRET: bureau.clientSecret,
    SANDBOX_BUREAU_WEBHOOK_SECRET: bureau.webhookSecret,
    SANDBOX_PAYROLL_URL: urls.payroll,
    SANDBOX_PAYROLL_API_KEY: payroll.apiKey,
    SANDBOX_PAYROLL_WEBHOOK_SECRET: payroll.webhookSecret,
    SANDBOX_ATTENDANCE_URL: urls.attendance,
    SANDBOX_ATTENDANCE_APP_KEY: attendance.appKey,
    SANDBOX_ATTENDANCE_APP_SECRET: attendance.appSecret,
    SANDBOX_ATTENDANCE_WEBHOOK_TOKEN: attendance.webhookToken,
    SANDBOX_ATTENDANCE_WEBHOOK_AES_KEY: attendance.webhookAesKey,
    SANDBOX_AGENCY_URL: urls.agency,
    SANDBOX_AGENCY_APP_KEY: agency.appKey,
    SANDBOX_AGENCY_APP_SECRET: agency.appSecret,
    SANDBOX_AGENCY_WEBHOOK_SECRET: agency.webhookSecret,
  };
}
