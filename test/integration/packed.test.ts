import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { copyFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type PackedFolder, packInto } from '../support/packed.ts';

const run = promisify(execFile);
const floor = fileURLToPath(new URL('../floor/', import.meta.url));
const floorNode = join(floor, 'node_modules/.bin/node');

describe('the packed packages', () => {
  let folder: PackedFolder;

  beforeAll(async () => {
    folder = await packInto({
      packages: ['core', 'adapters'],
      foreign: { rxjs: 'core', ky: 'adapters', 'eventsource-parser': 'adapters' },
    });
  });

  afterAll(() => folder[Symbol.asyncDispose]());

  it.each(['core', 'adapters'])('of %s hold what runs and its types, and nothing else', (name) => {
    const surplus = folder.files[name]?.filter(
      (path) => !/^(?:package\.json|README\.md|LICENSE|dist\/.+\.(?:js|d\.ts))$/.test(path),
    );

    expect(surplus).toEqual([]);
    expect(folder.files[name]).toContain('LICENSE');
  });

  it.for([
    ['this Node', process.execPath],
    ['the oldest Node that is promised, 22.12', floorNode],
  ] as const)('pool a provider on %s', async ([_what, node], { skip }) => {
    // An optional package for Linux x64 brings the old Node; CI has it.
    const isMissing = !existsSync(node) && process.env['CI'] === undefined;
    skip(isMissing, 'no Node 22.12 is installed here');
    await copyFile(join(floor, 'smoke.js'), join(folder.path, 'smoke.mjs'));

    const { stdout } = await run(node, ['smoke.mjs'], { cwd: folder.path, timeout: 30_000 });

    const answer: unknown = JSON.parse(stdout);
    expect(answer).toMatchObject({ n: 1, text: 'hello', inUse: 0 });
  });
});
