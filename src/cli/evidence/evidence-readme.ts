/** How somebody who was given the archive checks it, with the hub and without. Pure. */
import type { CaseEvidence } from './take-evidence.js';

export function evidenceReadme({ case: { caseId }, tenant, taken, audit: { head } }: CaseEvidence): string {
  return `Evidence of back-payment case ${caseId}
Taken ${taken.at.toISOString()} by ${taken.by} with ${taken.program}; this is event ${head.eventNo} of the audit trail of ${tenant.id}.
中文说明在下方。

Files
  case.json         everything as data: case with lines, advice and the content that was signed, history, answers of the
                    employee, decisions of approvers, operations with what was sent and received, result, audit events.
                    Amounts are whole fen. Times are UTC.
  evidence.zh.html  the same to be read and printed, in Chinese
  evidence.en.html  the same to be read and printed, in English
  head.json         where the audit trail ended when this was taken

Check with the hub
  1. The trail as a whole, and that this archive belongs to it:
       buduan audit verify --tenant ${tenant.id} --head head.json
     It must say that the trail is whole. It names the first event that was changed, left out, put in, cut off or rewritten.
  2. The events of this case: their numbers and hashes must be those of case.json ("audit.events"):
       buduan audit list --tenant ${tenant.id} --object case/${caseId} --limit 1000 --json
     Those about the employee's page and about an operation have an --object of their own, which case.json names. Events after
     number ${head.eventNo} came later.

Check without the hub
  All hashes are SHA-256, written in hex. "Canonical JSON" is JSON without blanks, in UTF-8, with the keys of every object sorted.
  - audit.events[i].hash is that of the canonical JSON of {actor, action, at, detail, eventNo, object, prevHash, tenantId},
    tenantId being "${tenant.id}". Where the number is one higher than that of the event before it in the list, prevHash is that
    event's hash. Events in between are about other things and are not in here: step 1 looks at those.
  - case.hash is that of the canonical JSON of case.content. Employee and approver signed it: the last of "confirmations" and of
    "approvals" carry the same hash, unless the case went back after them.
  - confirmations[i].evidence.textHash is that of evidence.text, the whole text the employee was shown. An answer that HR noted
    from paper has neither.
  - operations[i].payloadHash is that of the canonical JSON of {approved, connection, desired, kind, object, owner}: approved is
    case.hash, connection is connectionId, kind is "back-payment", object is objectKey, owner is ownerKey. It must equal
    approvedHash. After another round it stands for the hash that was approved in its own round.
  - "desired" is what the manifest of the connection wrote its request from; the bytes on the wire are not kept.

Of identity numbers only the first and last four characters are shown. Where one was masked in a text that somebody wrote, the
entry says "masked": true, and its hash cannot be computed again from this file; "fits" says whether it fitted in the hub.

补缴案件 ${caseId} 的证据
由 ${taken.by} 提取，时间 ${taken.at.toISOString()}；提取本身是 ${tenant.id} 审计链的第 ${head.eventNo} 条。

文件
  case.json         全部数据：案件及明细、政策依据、签署内容、经过、员工答复、审批、发出与收到的内容、结果、审计记录。金额以分为单位，时间为 UTC。
  evidence.zh.html  中文可读版，可打印
  evidence.en.html  英文可读版，可打印
  head.json         提取时审计链的末端

核对
  1. 核对整条审计链，并确认本档案属于该链：
       buduan audit verify --tenant ${tenant.id} --head head.json
  2. 本案各条记录的序号与哈希应与 case.json 中 audit.events 一致：
       buduan audit list --tenant ${tenant.id} --object case/${caseId} --limit 1000 --json
  3. 不用系统时，按上文英文部分的公式用 SHA-256 重新计算各项哈希。

证件号码只保留前四位和后四位。
`;
}
