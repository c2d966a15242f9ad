import type { Reporter, TestModule, TestCase } from 'vitest/node';

/** Closes a run with `N passed, N failed, N skipped` and names each skipped test with its reason. */
export default class TotalsReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const totals = { passed: 0, failed: 0, skipped: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      if (module.state() === 'failed' && [...module.children.allTests()].length === 0) totals.failed += 1;
      for (const test of module.children.allTests()) {
        const { state } = test.result();
        if (state === 'passed') totals.passed += 1;
        else if (state === 'failed') totals.failed += 1;
        else {
          totals.skipped += 1;
          skipped.push(`${test.fullName}: ${reasonOf(test)}`);
        }
      }
    }
    totals.failed += errors.length;
    const lines = skipped.map((line) => `  skipped  ${line}`);
    process.stdout.write(`\n${lines.length > 0 ? `${lines.join('\n')}\n` : ''}`);
    process.stdout.write(`${totals.passed} passed, ${totals.failed} failed, ${totals.skipped} skipped\n`);
  }
}

function reasonOf(test: TestCase): string {
  const result = test.result();
  const note = result.state === 'skipped' ? result.note : undefined;
  // A whole suite that is skipped says why in its own name.
  return note ?? (/\(skipped: /.test(test.fullName) ? 'as its name says' : 'no reason given');
}
