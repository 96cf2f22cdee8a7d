import { describe, expect, it } from 'vitest';
import type { TestModule, TestState } from 'vitest/node';
import { closingLineOf, tallyOf } from './closing-line.ts';

describe('the closing line', () => {
  it('says how many tests passed, failed and were skipped', () => {
    expect(closingLineOf({ passed: 12, failed: 0, skipped: 3 })).toBe(
      '12 passed, 0 failed, 3 skipped',
    );
  });

  it('counts the tests of all modules', () => {
    const modules = [
      aModule('passed', ['passed', 'passed']),
      aModule('failed', ['failed', 'skipped']),
    ];

    expect(tallyOf(modules, 0)).toEqual({ passed: 2, failed: 1, skipped: 1 });
  });

  it('counts a module that does not load as a failure', () => {
    expect(tallyOf([aModule('failed', [])], 0)).toEqual({ passed: 0, failed: 1, skipped: 0 });
  });

  it('counts an unhandled error as a failure', () => {
    expect(tallyOf([aModule('passed', ['passed'])], 1)).toEqual({
      passed: 1,
      failed: 1,
      skipped: 0,
    });
  });
});

function aModule(state: 'passed' | 'failed', tests: readonly TestState[]): TestModule {
  const children = {
    allTests: (wanted: TestState) => tests.filter((test) => test === wanted).values(),
  };
  return { state: () => state, children } as unknown as TestModule;
}
