/** How the whole run ended: which tests were skipped, and one line alone at the end of standard output: `N passed, N failed`. */
import { writeSync } from 'node:fs';

export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    // A file that could not even be loaded has no failed test, yet it failed.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    const skipped = results.testResults.flatMap(({ testFilePath, testResults }) =>
      testResults.filter(({ status }) => status === 'pending').map(({ fullName }) => `${testFilePath}: ${fullName}`),
    );
    // Jest prints its own summary after the last reporter was asked; on exit everything else has been said.
    process.once('exit', () => {
      for (const each of skipped) writeSync(1, `SKIPPED ${each}\n`);
      writeSync(1, `${results.numPassedTests} passed, ${failed} failed\n`);
    });
  }
}
