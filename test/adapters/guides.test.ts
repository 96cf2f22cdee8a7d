import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { gemini } from '@sluice/adapters/gemini';
import { ollama } from '@sluice/adapters/ollama';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../..', import.meta.url));
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'guides-'));
  await symlink(join(root, 'test/node_modules'), join(folder, 'node_modules'));
});

afterAll(() => rm(folder, { recursive: true, force: true }));

/** Type-checks programs as a user's own project would. Gives what the compiler has to say. */
async function compile(programs: readonly string[]): Promise<string> {
  const files = programs.map((_, at) => `program-${at}.ts`);
  for (const [at, text] of programs.entries()) {
    await writeFile(join(folder, `program-${at}.ts`), text);
  }
  const compilerOptions = {
    strict: true,
    noEmit: true,
    module: 'nodenext',
    target: 'es2023',
    lib: ['es2023', 'dom', 'dom.asynciterable', 'esnext.disposable'],
    types: [],
    skipLibCheck: true,
    // The workspace has two copies of MSW, one for each TypeScript that is about; a user has one.
    paths: { 'msw/node': [join(root, 'packages/adapters/node_modules/msw/lib/node/index.d.ts')] },
  };
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, files }));
  await writeFile(join(folder, 'package.json'), '{"type":"module"}');
  const tsc = join(root, 'node_modules/typescript/bin/tsc');
  const compiling = promisify(execFile)(process.execPath, [tsc, '-p', folder]);
  return compiling.then(
    () => '',
    (error: unknown) => (error as { readonly stdout: string }).stdout, // as `execFile` has it
  );
}

async function pageOf(name: string): Promise<string> {
  return readFile(join(root, `docs/guide/${name}.md`), 'utf8');
}

describe('the code of the pages about providers', () => {
  it('compiles as it stands there', async () => {
    const pages = await Promise.all(
      ['openai', 'anthropic', 'gemini', 'ollama', 'test-without-a-network', 'failures'].map(pageOf),
    );
    const programs = pages.flatMap((page) =>
      [...page.matchAll(/^```ts\n(.*?)^```/gms)].map(([, code = '']) => code),
    );

    expect(programs.length).toBeGreaterThan(8);
    expect(await compile(programs)).toBe('');
  }, 60_000);

  it('would be told if it did not', async () => {
    const wrong = "import { gemini } from '@sluice/adapters/gemini';\ngemini({ key: 'x' });\n";

    expect(await compile([wrong])).toContain("'key' does not exist");
  }, 60_000);
});

describe('the tables of options', () => {
  it.each([
    ['gemini', gemini],
    ['ollama', ollama],
  ] as const)('of %s name the default base URL and name', async (name, make) => {
    const page = await pageOf(name);

    const provider = make({ model: 'x', apiKey: 'test-0123456789abcdef' });

    expect(page).toContain(`| \`name\` | \`${provider.name}\` |`);
    expect(page).toMatch(/^\| `baseUrl` \| `https?:\/\/[^`]+` \|/m);
  });
});
