/**
 * How many cases a property or a load test runs: `test` at the desk, `ci` where `SLUICE_TIER` is `ci`.
 * A bug that only the larger number finds becomes a named example test.
 */
export function runs(test: number, ci: number): number {
  return process.env['SLUICE_TIER'] === 'ci' ? ci : test;
}
