/** One thing that every implementation of a contract must do. It knows no test runner: it fails by throwing. */
export interface ContractCheck<Subject> {
  /** A sentence that a user would understand; the name of the test. */
  readonly name: string;
  check(subject: Subject): Promise<void>;
}

/** Fails a check. @throws {Error} with `message` when `condition` is false. */
export function must(condition: boolean, message: string): asserts condition {
  if (!condition) throw new Error(message);
}

/** Fails a check when two plain values differ. @throws {Error} that names both and says what they are. */
export function equal(actual: unknown, expected: unknown, what: string): void {
  must(
    Object.is(actual, expected),
    `Expected ${what} to be ${print(expected)}, not ${print(actual)}`,
  );
}

/** Runs `work` and gives what it threw, or `undefined` when it threw nothing. */
export async function thrownBy(work: () => Promise<unknown>): Promise<unknown> {
  try {
    await work();
  } catch (error) {
    return error;
  }
  return undefined;
}

function print(value: unknown): string {
  return typeof value === 'string' ? JSON.stringify(value) : String(value);
}
