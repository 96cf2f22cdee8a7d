/**
 * Marks a place that the types say cannot be reached: the end of a `switch` over a union.
 *
 * @throws {TypeError} always; reaching it means that a value broke its type.
 */
export function assertNever(value: never): never {
  throw new TypeError(`Unexpected value: ${describe(value)}`);
}

/**
 * Checks an option that is one of a few words.
 *
 * @throws {TypeError} that names the option and the words.
 */
export function assertOneOf(key: string, value: string, words: readonly string[]): void {
  if (words.includes(value)) return;
  throw new TypeError(`${key} must be one of ${words.join(', ')}, not ${value}`);
}

/**
 * Checks an option that counts something.
 *
 * @throws {TypeError} that names the option, when it is no integer of at least `least`.
 */
export function assertCount(key: string, value: number, least: number = 1): void {
  if (Number.isSafeInteger(value) && value >= least) return;
  throw new TypeError(`${key} must be an integer of at least ${least}, not ${value}`);
}

/**
 * States what must hold inside Sluice. A failure is a defect of Sluice, never of its user.
 *
 * @throws {TypeError} when `condition` is false.
 */
export function invariant(condition: boolean, message: string): asserts condition {
  if (!condition) throw new TypeError(`Invariant broken: ${message}`);
}

function describe(value: unknown): string {
  return typeof value === 'object' && value !== null
    ? Object.keys(value).join(', ')
    : String(value);
}
