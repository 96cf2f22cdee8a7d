import { existsSync } from 'node:fs';
import { posix } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readRepository, repository, type SourceFile } from './source-files.ts';

describe('the pages of the repository', () => {
  it('link only to what is there', () => {
    const pages = readRepository().filter(({ path }) => path.endsWith('.md'));

    expect(pages.length).toBeGreaterThan(10);
    expect(pages.flatMap((page) => deadLinks(page, existsHere))).toEqual([]);
  });
});

describe('the search for dead links', () => {
  it('finds links to files that are not there, relative to their page', () => {
    const text = '[a](b.md) [c](../there.md#part) ![d](e.png) [f](https://g.example) [h](#i)';

    const found = deadLinks(
      { path: 'docs/guide/page.md', text },
      (path) => path === 'docs/there.md',
    );

    expect(found).toEqual([
      'docs/guide/page.md: links to docs/guide/b.md',
      'docs/guide/page.md: links to docs/guide/e.png',
    ]);
  });
});

/** The links of a page to files of the repository that do not exist. */
function deadLinks(
  { path, text }: SourceFile,
  exists: (path: string) => boolean,
): readonly string[] {
  const prose = text.replaceAll(/^```.*?^```/gms, '');
  return [...prose.matchAll(/\]\(([^)\s#]+)(?:#[^)]*)?\)/g)]
    .map(([, target = '']) => target)
    .filter((target) => !/^[a-z]+:/.test(target))
    .map((target) => posix.join(posix.dirname(path), target))
    .filter((target) => !exists(target))
    .map((target) => `${path}: links to ${target}`);
}

function existsHere(path: string): boolean {
  return existsSync(`${repository}${path}`);
}
