/** Whether the `webhook` section of a manifest can work: paths, the signed text, the receiver's name, and the read of its payload. */
import type { DocumentPath } from '../../../platform/config/yaml-document.js';
import type { Manifest } from '../manifest.schema.js';
import { webhookSecretNames, type WebhookScheme } from '../webhook/webhook.schema.js';
import { checkPath } from './check-emit.js';
import { checkTemplate } from './check-request.js';
import { expectedWords, type ManifestReport } from './report.js';

const AT: DocumentPath = ['webhook'];

export function checkWebhook(manifest: Manifest, report: ManifestReport): void {
  const { webhook } = manifest;
  if (webhook === undefined) return;
  checkScheme(manifest, webhook.scheme, report);
  webhook.owners.forEach((path, index) => checkPath(path, { report, path: [...AT, 'owners', index] }));
  if (webhook.deliveryId !== undefined) checkPath(webhook.deliveryId, { report, path: [...AT, 'deliveryId'] });
  if (webhook.event !== undefined) checkPath(webhook.event.path, { report, path: [...AT, 'event', 'path'] });
  const { apply } = webhook;
  if (apply === undefined) return;
  checkPath(apply.rows, { report, path: [...AT, 'apply', 'rows'] });
  checkPath(apply.version, { report, path: [...AT, 'apply', 'version'] });
  const reads = Object.keys(manifest.reads);
  if (!reads.includes(apply.read))
    report.wrong([...AT, 'apply', 'read'], `there is no read "${apply.read}"; ${expectedWords(apply.read, reads)}`);
}

function checkScheme(manifest: Manifest, scheme: WebhookScheme, report: ManifestReport): void {
  const at = [...AT, 'scheme'];
  for (const name of webhookSecretNames(scheme))
    if (manifest.secrets.includes(name))
      report.wrongKey(
        at,
        `uses the secret "${name}", which "secrets" declares for requests; give the webhook a secret of its own name`,
      );
  switch (scheme.type) {
    case 'standard-webhooks':
    case 'feishu':
      return;
    case 'dingtalk':
    case 'wecom': {
      const variables = Object.keys(manifest.config).map((name) => `config.${name}`);
      return checkTemplate(scheme.owner, { variables }, { report, path: [...at, 'owner'] });
    }
    case 'hmac':
      return checkSignedText(scheme, report, [...at, 'over']);
  }
}

/** What is believed must be signed: the body, the time, and the delivery id where it travels in a header. */
function checkSignedText(
  { over, id }: WebhookScheme & { readonly type: 'hmac' },
  report: ManifestReport,
  path: DocumentPath,
): void {
  const needed = ['body', 'timestamp', ...(id === undefined ? [] : ['id'])];
  for (const name of needed)
    if (!over.includes(`\${${name}}`))
      report.wrong(
        path,
        `does not sign the ${name}; write \${${name}} where the system puts it, what is not signed can be forged`,
      );
  const left = over.replace(/\$\{(?:timestamp|id|body)\}/g, '');
  if (left.includes('${')) report.wrong(path, 'names something else than timestamp, id and body; expected only these');
  if (id === undefined && over.includes('${id}'))
    report.wrong(path, 'signs an id, and no header is declared for it; add id: { header: … }');
}
