import { resolveBaseUrl } from '../transport/base-url.ts';

/** Which base URLs users may give. */
export interface UrlPolicyOptions {
  /** Origins that are let in whatever they are, such as `http://10.0.0.7:11434`. Default: none. */
  readonly allow?: readonly string[] | undefined;
}

/**
 * Makes a check for base URLs that come from users rather than from configuration: whoever may say where a server of
 * yours sends its requests could else reach what only that server can. Give what it returns to the provider.
 *
 * It lets https through, to hosts of the outside: no address that is private, loopback, link-local, shared, multicast or
 * one address written within another, and no name that only a network of one's own knows. Names are not resolved. One of
 * the outside may still lead inside: against that give the provider a `fetch` that resolves once, checks, and connects to
 * that very address.
 *
 * ```ts
 * const check = urlPolicy();
 * const provider = openai({ apiKey: theirKey, model, baseUrl: check(theirUrl) });
 * ```
 *
 * The check throws a `TypeError` that holds nothing of the URL but its host.
 *
 * @throws {TypeError} when what is allowed is no URL.
 */
export function urlPolicy({ allow = [] }: UrlPolicyOptions = {}): (baseUrl: string) => string {
  const allowed = new Set(allow.map((origin) => new URL(resolveBaseUrl(origin)).origin));
  return (baseUrl) => {
    const checked = resolveBaseUrl(baseUrl);
    const { origin, protocol, hostname } = new URL(checked);
    if (allowed.has(origin)) return checked;
    if (protocol !== 'https:') throw new TypeError(`baseUrl must be an https URL (${hostname})`);
    if (!isOutside(hostname)) {
      throw new TypeError(`baseUrl must not lead into a private network (${hostname})`);
    }
    return checked;
  };
}

/** `URL` has written every form of an IPv4 address as four decimals by now, and IPv6 in its short form, in brackets. */
function isOutside(hostname: string): boolean {
  if (hostname.startsWith('[')) return isOutsideV6(hostname);
  const [, a, b, c] = /^(\d+)\.(\d+)\.(\d+)\.\d+$/.exec(hostname) ?? [];
  return a === undefined ? isOutsideName(hostname) : isOutsideV4(Number(a), Number(b), Number(c));
}

function isOutsideV4(a: number, b: number, c: number): boolean {
  const isInside =
    a === 0 ||
    a === 10 ||
    a === 127 ||
    (a === 100 && b >= 64 && b < 128) || // shared by the customers of a carrier
    (a === 169 && b === 254) ||
    (a === 172 && b >= 16 && b < 32) ||
    (a === 192 && b === 0 && c === 0) ||
    (a === 192 && b === 168) ||
    (a === 198 && (b === 18 || b === 19)) || // for measuring networks
    a >= 224; // multicast, and what nobody has
  return !isInside;
}

/** All that is of the outside begins with 2 or 3; of that, 6to4 and Teredo hold an IPv4 address, which may be anything. */
function isOutsideV6(hostname: string): boolean {
  const [, first = '', second = ''] = /^\[([0-9a-f]{4}):([0-9a-f]*)/.exec(hostname) ?? [];
  if (!/^[23]/.test(first) || first === '2002') return false;
  return first !== '2001' || (second !== '' && second !== '0');
}

/** Names of one word, and those that end in what no registry gives away. */
function isOutsideName(hostname: string): boolean {
  const name = hostname.replace(/\.$/, '');
  return name.includes('.') && !/\.(?:localhost|local|internal|lan|home\.arpa)$/.test(name);
}
