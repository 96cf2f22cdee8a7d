import { expect, it } from 'vitest';
import { isBrowser } from '../../../packages/adapters/src/transport/runtime.ts';

it.each([
  ['Chromium', 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/140', true],
  ['Node', 'Node.js/24', false],
  ['Deno', 'Deno/2.5.0', false],
  ['Bun', 'Bun/1.3', false],
  ['a worker of Cloudflare', 'Cloudflare-Workers', false],
  ['something that does not say', undefined, false],
])('%s is told apart', (_, userAgent, expected) => {
  expect(isBrowser({ navigator: { userAgent } })).toBe(expected);
});

it('a runtime without a navigator is no browser', () => {
  expect(isBrowser({})).toBe(false);
});
