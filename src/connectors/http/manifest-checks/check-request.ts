/** Whether the requests of a manifest have one method and name only variables that exist. */
import type { DocumentPath } from '../../../platform/config/yaml-document.js';
import type { Json } from '../../port.js';
import { REQUEST_METHODS, type RequestSpec } from '../read.schema.js';
import { compileTemplate, type TemplateScope } from '../template.js';
import type { ManifestReport } from './report.js';

export function checkTemplate(
  source: Json,
  scope: TemplateScope,
  { report, path }: { readonly report: ManifestReport; readonly path: DocumentPath },
): void {
  const built = compileTemplate(source, scope);
  if (built.ok) return;
  for (const issue of built.issues) report.wrong([...path, ...issue.path], issue.message);
}

export interface RequestPlace {
  readonly report: ManifestReport;
  readonly path: DocumentPath;
  readonly scope: TemplateScope;
  /** Methods that make sense here. */
  readonly methods: readonly (typeof REQUEST_METHODS)[number][];
}

export function checkRequest(request: RequestSpec, place: RequestPlace): void {
  const { report, path, scope, methods } = place;
  const used = REQUEST_METHODS.filter((method) => request[method] !== undefined);
  if (used.length === 0)
    report.wrongKey(
      path,
      `has no method; expected one of ${methods.join(', ')} with a path, for example get: /v1/persons`,
    );
  if (used.length > 1) report.wrongKey(path, `has several methods (${used.join(', ')}); keep one`);
  for (const method of used) {
    if (!methods.includes(method))
      report.wrongKey([...path, method], `cannot be used here; expected ${methods.join(' or ')}`);
    const target = request[method] ?? '';
    if (!target.startsWith('/') && !target.startsWith('${'))
      report.wrong([...path, method], 'is not a path; expected it to begin with "/", the host comes from baseUrl');
  }
  if (request.json !== undefined && request.form !== undefined)
    report.wrongKey([...path, 'form'], 'stands beside json; keep one of the two');
  if (request.get !== undefined && (request.json !== undefined || request.form !== undefined))
    report.wrongKey(path, 'is a get with a body; use query, or post');
  for (const part of [...REQUEST_METHODS, 'query', 'headers', 'json', 'form'] as const) {
    const source = request[part];
    if (source !== undefined) checkTemplate(source, scope, { report, path: [...path, part] });
  }
}
