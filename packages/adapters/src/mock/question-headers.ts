/** Names of headers that carry a key, or a part of one, somewhere. */
const SECRET = /auth|key|token|secret|cookie|passw|session|signature|credential/;

/** The headers of a request, without those that carry, or could carry, a key. */
export function withoutKeys(
  headers: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).filter(([name]) => !SECRET.test(name.toLowerCase())),
  );
}
