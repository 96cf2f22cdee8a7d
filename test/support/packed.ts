import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, readFile, realpath, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const repository = fileURLToPath(new URL('../..', import.meta.url));

/** An application's folder in which packages are installed from their tarballs, as a user would have them. */
export interface PackedFolder extends AsyncDisposable {
  readonly path: string;
  /** The paths inside each package's tarball, sorted, by package. */
  readonly files: Readonly<Record<string, readonly string[]>>;
}

/** What to install: packages of ours to pack, and foreign ones to link, each with a package that has it. */
export interface PackOptions {
  readonly packages: readonly string[];
  readonly foreign: Readonly<Record<string, string>>;
}

/**
 * Packs built packages and installs the tarballs into a new temporary folder, which is removed at its disposal.
 *
 * @throws {Error} when a package is not built.
 */
export async function packInto({ packages, foreign }: PackOptions): Promise<PackedFolder> {
  const path = await mkdtemp(join(tmpdir(), 'sluice-packed-'));
  const modules = join(path, 'node_modules');
  await mkdir(join(modules, '@sluice'), { recursive: true });
  const files: Record<string, readonly string[]> = {};
  for (const name of packages) files[name] = await install(name, path);
  for (const [name, owner] of Object.entries(foreign)) {
    const target = await realpath(join(repository, 'packages', owner, 'node_modules', name));
    await symlink(target, join(modules, name));
  }

  return {
    path,
    files,
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  };
}

async function install(name: string, folder: string): Promise<readonly string[]> {
  const cwd = join(repository, 'packages', name);
  if (!(await readdir(cwd)).includes('dist')) throw new Error(`@sluice/${name} is not built`);

  const [command, ...args] = await pnpm();
  await run(command, [...args, 'pack', '--pack-destination', folder], { cwd });
  const tarball = (await readdir(folder)).find((file) => file.startsWith(`sluice-${name}-`)) ?? '';
  const archive = join(folder, tarball);
  const target = join(folder, 'node_modules', '@sluice', name);
  await mkdir(target);
  await run('tar', ['-xzf', archive, '-C', target, '--strip-components=1']);
  const { stdout } = await run('tar', ['-tzf', archive]);
  return stdout
    .trim()
    .split('\n')
    .map((file) => file.replace(/^package\//, ''))
    .toSorted();
}

/** The pnpm that runs the tests, or the pinned one where they were started without it. */
async function pnpm(): Promise<[string, ...string[]]> {
  const running = process.env['npm_execpath'] ?? '';
  if (/pnpm[^/]*$/.test(running)) return startWith(running);
  const manifest = JSON.parse(await readFile(join(repository, 'package.json'), 'utf8')) as {
    readonly packageManager: string;
  };
  return ['npx', '-y', manifest.packageManager];
}

function startWith(path: string): [string, ...string[]] {
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path];
}
