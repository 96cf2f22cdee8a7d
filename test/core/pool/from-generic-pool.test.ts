import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { stop, titles } from './from-generic-pool/after.ts';
import { connections, reports } from './from-generic-pool/connection.ts';

const read = (path: string): string => readFileSync(new URL(path, import.meta.url), 'utf8');

it('shows the programs before and after as they compile', () => {
  const page = read('../../../docs/guide/from-generic-pool.md');

  const shown = [...page.matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);

  expect(shown).toEqual([read('from-generic-pool/before.ts'), read('from-generic-pool/after.ts')]);
});

it('has a program that does afterwards what it did before', async () => {
  const all = await Promise.all(Array.from({ length: 30 }, () => titles()));
  await stop();

  expect(all).toHaveLength(30);
  expect(all[29]).toEqual(['Emma', 'Persuasion']);
  expect(connections.length).toBeLessThanOrEqual(10);
  expect(connections.some(({ isOpen }) => isOpen)).toBe(false);
  expect(reports).toEqual([]);
  await expect(titles()).rejects.toMatchObject({ code: 'POOL_CLOSED' });
});
