import { createRedactor } from '@sluice/core/events';

/** Names of headers that carry a key, or a part of one, somewhere. */
const SECRET = /auth|key|token|secret|cookie|passw|session|signature|credential/;

/** Tells whether a header carries, or could carry, a key. */
export function isSecretHeader(name: string): boolean {
  return SECRET.test(name.toLowerCase());
}

/** The headers of a request, without those that carry, or could carry, a key. A value that looks like one is blotted out. */
export function withoutKeys(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const redact = createRedactor();
  return Object.fromEntries(
    Object.entries(headers)
      .filter(([name]) => !isSecretHeader(name))
      .map(([name, value]) => [name, redact(value)]),
  );
}
