import { execFile } from 'node:child_process';
import { existsSync, readdirSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../../', import.meta.url));
const examples = readdirSync(`${repository}examples`).filter((name) =>
  existsSync(`${repository}examples/${name}/main.ts`),
);

describe('the examples', () => {
  it('begin with ten lines', () => {
    expect(examples).toContain('00-ten-lines');
  });

  it.each(examples)('%s runs to its end and prints something', async (name) => {
    const { stdout, stderr } = await run(process.execPath, [`examples/${name}/main.ts`], {
      cwd: repository,
      timeout: 30_000,
    });

    expect(stdout).not.toBe('');
    expect(stderr).toBe('');
  });

  it('are what the README shows', async () => {
    const readme = await readFile(`${repository}README.md`, 'utf8');
    const shown = [...readme.matchAll(/<!-- (examples\/.+?) -->\n```ts\n(.+?)```/gs)];

    expect(shown.map(([, path]) => path)).toContain('examples/00-ten-lines/main.ts');
    for (const [, path = '', code] of shown) {
      expect(code).toBe(await readFile(`${repository}${path}`, 'utf8'));
    }
  });
});
