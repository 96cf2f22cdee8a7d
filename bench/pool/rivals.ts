import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** Installs the pools to compare with, as their lockfile says, unless they are there. */
export function installRivals(): void {
  const folder = fileURLToPath(new URL('../rivals', import.meta.url));
  if (existsSync(`${folder}/node_modules/tarn`)) return;
  process.stderr.write('Installing the pools to compare with …\n');
  const { status } = spawnSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund'], {
    cwd: folder,
    stdio: ['ignore', 2, 2],
  });
  if (status !== 0) throw new Error('The pools to compare with could not be installed');
}
