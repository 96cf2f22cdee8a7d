/** What stands where a secret stood. */
export const REDACTED = '[redacted]';

/**
 * A shape that secrets are known by, and what it becomes. Every pattern runs in linear time: nothing nested is repeated,
 * what is unbounded cannot fail after it has run, and what can fail is bounded or starts at the head of a word only.
 */
export interface SecretShape {
  readonly name: string;
  readonly pattern: RegExp;
  readonly replace: (match: string, head: string) => string;
}

/** The shapes, in the order in which they are looked for. */
export const SECRET_SHAPES: readonly SecretShape[] = [
  {
    name: 'private key in PEM, also one that was cut',
    pattern:
      /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^]*?(?:-----END [A-Z ]{0,40}PRIVATE KEY-----|$)/g,
    replace: () => REDACTED,
  },
  {
    name: 'URL with userinfo, query or the path of a webhook',
    pattern: /(?<![a-z0-9+.-])[a-z][a-z0-9+.-]{0,20}:\/\/[^\s"'<>\\]+/gi,
    replace: withoutUrlSecrets,
  },
  {
    name: 'header that carries credentials',
    pattern:
      /\b((?:proxy-)?authorization|(?:x-(?:goog-)?)?api-key|(?:set-)?cookie)\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?[^\r\n"'\\]+/gi,
    replace: (_, name) => `${name}: ${REDACTED}`,
  },
  {
    name: 'field that is named like a secret',
    pattern:
      /\b(api_?key|(?:access|refresh|auth|bot|id)[-_]?token|client[-_]?secret|password|passwd)\\?["']?\s{0,4}[:=]\s{0,4}\\?["']?[^\s"',;&\\]{4,}/gi,
    replace: (_, name) => `${name}: ${REDACTED}`,
  },
  {
    name: 'credentials behind their scheme',
    pattern: /\b(bearer|basic) {1,4}[\w.~+/=*-]{8,}/gi,
    replace: (_, scheme) => `${scheme} ${REDACTED}`,
  },
  {
    name: 'key with a well-known prefix',
    pattern:
      /(?<![A-Za-z0-9])(?:sk-|AIza|xox[a-z]-|xapp-|gsk_|xai-|pplx-|hf_|r8_|gh[a-z]_|github_pat_|AKIA)[\w*-]{10,}/g,
    replace: () => REDACTED,
  },
  {
    name: 'token of a Telegram bot',
    pattern: /\d{8,10}:[\w-]{30,}/g,
    replace: () => REDACTED,
  },
  {
    name: 'token in three parts, as of Discord, and JSON Web Tokens',
    pattern: /(?<![\w-])(?:eyJ[\w-]{8,}|[\w-]{23,28})\.[\w-]{6,}\.[\w-]{20,}/g,
    replace: () => REDACTED,
  },
];

/** Takes everything out of a text that looks like a secret, whosever it is. Linear in its length. */
export function redactShapes(text: string): string {
  let redacted = text;
  for (const { pattern, replace } of SECRET_SHAPES) redacted = redacted.replace(pattern, replace);
  return redacted;
}

/** Keeps scheme, host and path. Userinfo, query and fragment go, and what follows the word in the path of a webhook. */
function withoutUrlSecrets(url: string): string {
  const start = url.indexOf('://') + 3;
  const queryAt = url.slice(start).search(/[?#]/);
  const address = queryAt < 0 ? url.slice(start) : url.slice(start, start + queryAt);
  const pathAt = address.indexOf('/');
  const authority = pathAt < 0 ? address : address.slice(0, pathAt);
  const path = pathAt < 0 ? '' : address.slice(pathAt);
  const host = authority.slice(authority.lastIndexOf('@') + 1);
  return [
    url.slice(0, start),
    host === authority ? host : `${REDACTED}@${host}`,
    path.replace(/(\/(?:webhooks|services|hooks)\/).+$/i, (_, word: string) => word + REDACTED),
    queryAt < 0 ? '' : `?${REDACTED}`,
  ].join('');
}
