/** With which fixed, public credentials do the four sandbox systems let a client in? They protect nothing: the world is synthetic. */
export const SANDBOX_CREDENTIALS = {
  bureau: {
    clientId: 'sandbox-bureau-client',
    clientSecret: 'sandbox-bureau-secret',
    webhookSecret: 'whsec_YnVkdWFuLXNhbmRib3gtYnVyZWF1LWhvb2s=',
  },
  payroll: { apiKey: 'sandbox-payroll-key', webhookSecret: 'whsec_YnVkdWFuLXNhbmRib3gtcGF5cm9sbC1ob29r' },
  attendance: {
    appKey: 'sandbox-attendance-app',
    appSecret: 'sandbox-attendance-secret',
    webhookToken: 'sandbox-attendance-token',
    webhookAesKey: 'c2FuZGJveGF0dGVuZGFuY2V3ZWJob29rYWVza2V5MDE',
  },
  agency: {
    appKey: 'sandbox-agency-app',
    appSecret: 'sandbox-agency-secret',
    webhookSecret: 'whsec_YnVkdWFuLXNhbmRib3gtYWdlbmN5LWhvb2s=',
  },
} as const;
