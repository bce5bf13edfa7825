/** With which fixed, public credentials do the four sandbox systems let a client in? They protect nothing: the world is synthetic. */
export const SANDBOX_CREDENTIALS = {
  bureau: { clientId: 'sandbox-bureau-client', clientSecret: 'sandbox-bureau-secret' },
  payroll: { apiKey: 'sandbox-payroll-key' },
  attendance: { appKey: 'sandbox-attendance-app', appSecret: 'sandbox-attendance-secret' },
  agency: { appKey: 'sandbox-agency-app', appSecret: 'sandbox-agency-secret' },
} as const;
