import { readFileSync } from 'node:fs';
import { ProviderError, type ProviderErrorKind } from '@sluice/core';
import { expect, it } from 'vitest';

const page = readFileSync(new URL('../../../docs/guide/failures.md', import.meta.url), 'utf8');

/** Every kind there is: the compiler says when one is missing. */
const KINDS: Readonly<Record<ProviderErrorKind, true>> = {
  auth: true,
  permission: true,
  'not-found': true,
  'bad-request': true,
  'context-length': true,
  'content-filter': true,
  quota: true,
  'rate-limit': true,
  overloaded: true,
  server: true,
  network: true,
  'first-byte-timeout': true,
  'first-content-timeout': true,
  'idle-timeout': true,
  'total-timeout': true,
  truncated: true,
  malformed: true,
  unsupported: true,
};

it('the page about failures lists every kind, and whether another try can mend it', () => {
  const rows = [...page.matchAll(/^\| `([a-z-]+)` \|.*\| (yes|no) \|$/gm)];
  const listed = rows.map(([, kind, word]) => `${kind} ${word}`);

  const kinds = Object.keys(KINDS) as ProviderErrorKind[];
  const real = kinds.map((kind) => {
    const { retryable } = new ProviderError(kind, '', { provider: 'a' });
    return `${kind} ${retryable ? 'yes' : 'no'}`;
  });
  expect(listed.toSorted()).toEqual(real.toSorted());
});
