import type { Reporter, TestModule, TestState } from 'vitest/node';

/** How many tests of a run ended how. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

/** A reporter that ends the whole run with one line: `N passed, N failed, N skipped`. */
export function closingLine(): Reporter {
  return {
    onTestRunEnd(modules, unhandledErrors) {
      const line = closingLineOf(tallyOf(modules, unhandledErrors.length));
      // Coverage and the other reporters may print after this hook; nothing prints after exit.
      process.once('exit', () => process.stdout.write(`${line}\n`));
    },
  };
}

/** The text of the line, without its line break. */
export function closingLineOf({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed, ${skipped} skipped`;
}

/**
 * Counts the tests of all modules. What fails without being a test (a module that does not load, a hook of a suite,
 * an unhandled error) counts as one failure each, so that a failed run never says `0 failed`.
 */
export function tallyOf(modules: readonly TestModule[], unhandledErrors: number): Tally {
  const count = (state: TestState): number =>
    modules.reduce((sum, module) => sum + [...module.children.allTests(state)].length, 0);
  const failedAlone = modules.filter(hasFailedWithoutATest).length;

  return {
    passed: count('passed'),
    failed: count('failed') + failedAlone + unhandledErrors,
    skipped: count('skipped') + count('pending'),
  };
}

function hasFailedWithoutATest(module: TestModule): boolean {
  return module.state() === 'failed' && module.children.allTests('failed').next().done === true;
}
