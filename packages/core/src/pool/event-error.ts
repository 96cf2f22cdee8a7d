import { isSluiceError } from '../base/errors.ts';
import type { EventError } from '../events/event.ts';

/** What a code looks like: not a text that could hold anything. */
const CODE = /^[A-Z][A-Z0-9_]{0,63}$/;

/** The codes of errors whose text the pool wrote itself. */
const OWN_CODE = /^(?:POOL|LEASE)_/;

const UNKNOWN: EventError = { name: 'Error', code: 'UNKNOWN', message: '' };

/**
 * Makes what describes errors for events out of the user's `describe`, or of the pool's own way. The result does not throw,
 * whatever was thrown and whatever `describe` makes of it: telling of a failure must not be another one.
 */
export function errorDescriber(
  describe: (error: unknown) => EventError = describeByCode,
): (error: unknown) => EventError {
  return (error) => {
    try {
      return describe(error);
    } catch {
      return UNKNOWN;
    }
  };
}

/** The text of any error but the pool's own may hold a secret, or a quoted prompt, and stays out. */
function describeByCode(error: unknown): EventError {
  const { code } = Object(error) as { readonly code?: unknown };
  if (typeof code !== 'string' || !CODE.test(code)) return UNKNOWN;
  if (!isSluiceError(error)) return { name: 'Error', code, message: '' };
  return { name: error.name, code, message: OWN_CODE.test(code) ? error.message : '' };
}
