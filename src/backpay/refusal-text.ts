/** How a refusal to move a case is told to a person: what happened, what was expected, what to do. */
import type { CaseRefusal } from './decide-cases.js';
import type { ReceiptRefusal } from './case-receipts.js';
import type { ProposeOutcome } from './propose-cases.js';

export type Refusal = CaseRefusal | ReceiptRefusal | Exclude<ProposeOutcome, { readonly outcome: 'proposed' }>;

export function refusalText(refusal: Refusal): string {
  switch (refusal.outcome) {
    case 'unknown-case':
      return 'There is no such case; "buduan case list" shows those there are.';
    case 'unknown-person':
      return 'There is no such person, or one who was never judged; run a reconciliation first.';
    case 'nothing-to-pay':
      return 'No month of this person lacks money that no case holds already.';
    case 'wrong-state':
      return `The case is ${refusal.state}; this can be done with one that is ${refusal.needs.join(' or ')}.`;
    case 'wrong-hash':
      return `The hash is not that of what would be sent; look at the case again and sign ${refusal.hash ?? 'nothing: it is not complete'}.`;
    case 'same-person':
      return 'Who prepared, asked or confirmed a case may not decide about its approval; another person must.';
    case 'unverified':
      return `Figures that nobody confirmed stand behind the amounts: ${refusal.figures.join('; ')}. Check them with the bureau, then approve saying so.`;
    case 'changed':
      return `What would be sent is not what was signed (${refusal.reason}); the signatures are void and the case is ${refusal.state}.`;
    case 'too-late':
      return `The last day to apply was ${refusal.lastDay}; the case has expired.`;
    case 'too-early':
      return `The channel takes applications from ${refusal.firstDay} on; the hub sends it then.`;
    case 'inconclusive':
      if (refusal.reason === 'refused-and-paid')
        return 'An application for these months was refused and is told as paid now; nothing is signed or sent before the bureau or agency says which is so.';
      return `The sources cannot be trusted for this person now (${refusal.reason}); nothing is proposed, signed or sent on them.`;
    case 'not-a-receipt':
      return 'These bytes are no PDF, PNG, JPEG or XLSX, whatever the name says; attach a scan or photograph of the receipt, or the workbook that came back.';
    case 'receipt-too-large':
      return `A receipt may have ${refusal.mostBytes} bytes; attach a smaller scan.`;
    case 'money-shown':
      return 'The books of the bureau show money of the months of this case; read the bureau once more and look at the case again.';
    case 'told-by-connection':
      return `${refusal.connectionId} took this application and says what becomes of it; read it ("buduan run --connection ${refusal.connectionId}").`;
    case 'reference-needed':
      return 'No connection takes this application; give the receipt of who carried it there as its reference.';
  }
}
