/** Broken on purpose: whatever got no answer is sent again, as a retry loop around a client does. */
export const patches = {
  'push/resend-decision.js': `
export function decideResend() { return { next: 'resend' }; }`,
};
