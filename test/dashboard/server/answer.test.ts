import { expect, it } from 'vitest';
import { PAGE_POLICY } from '../../../packages/dashboard/src/server/answer.ts';

it('lets the page load its own script and style, talk to its own server, and nothing else', () => {
  expect(PAGE_POLICY).toBe(
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
      "font-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; " +
      "require-trusted-types-for 'script'; trusted-types svelte-trusted-html",
  );
});
