import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const folder = new URL('../rivals-llm/', import.meta.url);
const rivals = createRequire(new URL('package.json', folder));

/** Installs the clients to compare with, as their lockfile says, unless they are there. */
export function installRivals(): void {
  const cwd = fileURLToPath(folder);
  if (existsSync(`${cwd}node_modules/openai`)) return;
  process.stderr.write('Installing the clients to compare with …\n');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('The clients to compare with could not be installed');
}

/** Loads one of them. Its types are not here: whoever loads it says what it has. */
export async function rival(name: string): Promise<unknown> {
  return import(pathToFileURL(rivals.resolve(name)).href);
}
