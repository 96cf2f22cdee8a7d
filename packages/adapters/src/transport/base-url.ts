/**
 * Checks where requests, and with them a key, will go. Returns the URL without trailing slashes.
 *
 * @throws {TypeError} when it is no http(s) URL, holds a user name, password, query or fragment, or names a link-local
 * address: the metadata service of a cloud, never a model. The message holds nothing of the URL but its host.
 */
export function resolveBaseUrl(baseUrl: string): string {
  const url = parseUrl(baseUrl);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') {
    const { protocol } = url; // `localhost:` of `localhost:8080/v1`
    throw new TypeError(
      `baseUrl must be an http or https URL, such as http://localhost:8080/v1, not ${protocol}`,
    );
  }
  if (url.username !== '' || url.password !== '') {
    throw new TypeError(`baseUrl must not hold a user name or password (host ${url.hostname})`);
  }
  if (url.search !== '' || url.hash !== '') {
    throw new TypeError(`baseUrl must not hold a query or fragment (host ${url.hostname})`);
  }
  if (isLinkLocal(url.hostname)) {
    throw new TypeError(`baseUrl must not be a link-local address (${url.hostname})`);
  }
  return url.href.replace(/\/+$/, '');
}

/** Tells whether a URL points at this very machine. */
export function isLoopback(baseUrl: string): boolean {
  const { hostname } = new URL(baseUrl);
  return (
    hostname === 'localhost' ||
    hostname.endsWith('.localhost') ||
    hostname === '[::1]' ||
    /^127(?:\.\d{1,3}){3}$/.test(hostname)
  );
}

/** Tells whether a text can stand in a header: printable ASCII, no space at either end. */
export function isHeaderValue(value: string): boolean {
  return /^[\x20-\x7e]+$/.test(value) && value.trim() === value;
}

function parseUrl(baseUrl: string): URL {
  try {
    return new URL(baseUrl);
  } catch {
    // The runtime's error would quote the text, which may hold a password.
    throw new TypeError('baseUrl must be an absolute URL, such as https://api.example.com/v1');
  }
}

/** `URL` has written decimal, octal and hexadecimal IPv4 addresses in dots by now, and IPv6 ones in their short form. */
function isLinkLocal(hostname: string): boolean {
  return (
    hostname.startsWith('169.254.') ||
    /^\[fe[89ab][0-9a-f]:/.test(hostname) ||
    hostname.startsWith('[::ffff:a9fe:') ||
    hostname === '[fd00:ec2::254]'
  );
}
