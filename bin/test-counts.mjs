// Reads vitest's own report strictly: what did not run has not passed.

/** @typedef {{ status: string, fullName: string }} Assertion */
/** @typedef {{ name: string, status: string, message: string, assertionResults: readonly Assertion[] }} TestFile */

/** As a shell says it: ended by Ctrl-C. */
const stoppedByPerson = 130

/**
 * Counts of a finished run. A file that could not be loaded, a skipped test, and a run that ended badly without a
 * failed test each count as failed, with a sentence that says so.
 * @param {string | null} report vitest's JSON, or null when it wrote none
 * @param {number} exitCode
 * @returns {{ passed: number, failed: number, complaints: readonly string[] }}
 */
export function countTests(report, exitCode) {
  if (report === null) {
    const because = exitCode === stoppedByPerson ? 'You stopped it:' : `vitest ended with code ${exitCode}, so`
    return { passed: 0, failed: 1, complaints: [`${because} there is no report of what had passed.`] }
  }
  /** @type {readonly TestFile[]} */
  const files = JSON.parse(report).testResults
  const complaints = []
  let passed = 0
  let failed = 0
  for (const file of files) {
    for (const { status, fullName } of file.assertionResults) {
      if (status === 'passed') passed += 1
      else failed += 1
      if (status !== 'passed' && status !== 'failed') complaints.push(`Not run: ${fullName} (${file.name})`)
    }
    if (file.status === 'failed' && file.assertionResults.every(({ status }) => status !== 'failed')) {
      failed += 1
      complaints.push(`Could not be loaded or torn down: ${file.name}: ${file.message.split('\n')[0]}`)
    }
  }
  if (failed === 0 && (exitCode !== 0 || passed === 0)) {
    failed += 1
    complaints.push(passed === 0 ? 'No test ran.' : `vitest ended with code ${exitCode} although every test passed.`)
  }
  return { passed, failed, complaints }
}
