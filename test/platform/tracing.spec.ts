/** Whether a hub without traces carries nothing of them. */
import { readRepositoryFile, repositoryFiles } from '../support/repository-files.js';

it('loads the libraries of OpenTelemetry in one place, and there only when asked', () => {
  const sources = repositoryFiles('src').filter((path) => path.endsWith('.ts'));
  const naming = sources.filter((path) => readRepositoryFile(path).includes(`'@opentelemetry/`));
  expect(naming).toEqual(['src/platform/tracing/open-telemetry.ts']);
  expect(readRepositoryFile(naming[0] ?? '')).not.toMatch(/^import .*'@opentelemetry\//m);
});
