import { readFile } from 'node:fs/promises';
import { expect, it } from 'vitest';

const root = new URL('../../../', import.meta.url);

it('the page about writing a provider shows the example that is run', async () => {
  const page = await readFile(new URL('docs/guide/write-a-provider.md', root), 'utf8');
  const shown = [...page.matchAll(/<!-- (examples\/.+?) -->\n```ts\n(.+?)```/gs)];

  expect(shown.map(([, path]) => path)).toEqual([
    'examples/06-write-a-provider/provider.ts',
    'examples/06-write-a-provider/main.ts',
  ]);
  for (const [, path = '', code] of shown) {
    expect(code).toBe(await readFile(new URL(path, root), 'utf8'));
  }
});
