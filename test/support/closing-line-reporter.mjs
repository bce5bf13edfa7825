/** How the whole run ended, in one line alone at the end of standard output: `N passed, N failed`. */
import { writeSync } from 'node:fs';

export default class ClosingLineReporter {
  onRunComplete(_contexts, results) {
    // A file that could not even be loaded has no failed test, yet it failed.
    const failed = results.numFailedTests + results.numRuntimeErrorTestSuites;
    // Jest prints its own summary after the last reporter was asked; on exit everything else has been said.
    process.once('exit', () => writeSync(1, `${results.numPassedTests} passed, ${failed} failed\n`));
  }
}
