/** Gives a number back. @throws {TypeError} that names it, when it is no finite number above 0. */
export function positive(name: string, value: unknown): number {
  if (typeof value === 'number' && value > 0 && value < Infinity) return value;
  throw new TypeError(`${name} must be a finite number above 0, not ${String(value)}`);
}
