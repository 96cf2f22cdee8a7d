import { hasOwnAddress } from '../transport/runtime.ts';

/**
 * Checks where a gateway is, and gives its address without a slash at the end; empty for the page's own origin. The
 * address is the host's own and may hold a secret: it is never told.
 *
 * @throws {TypeError} when it is no address, or is missing where there is neither a page nor a transport that knows it.
 */
export function gatewayAddress(url: string = '', isKnown: boolean): string {
  if (url === '') {
    if (isKnown || hasOwnAddress()) return url;
    throw new TypeError('url is needed where there is no page, such as http://127.0.0.1:4317');
  }
  if (!/^(?:https?|wss?):\/\//.test(url) || !URL.canParse(url)) {
    throw new TypeError('url must be an absolute http: or https: address');
  }
  return url.replace(/\/$/, '');
}
