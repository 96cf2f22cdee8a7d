import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('.', import.meta.url));
const repository = fileURLToPath(new URL('../..', import.meta.url));

const obstacle = install();
if (obstacle === undefined) process.exitCode = judge();
else if (process.env['CI'] !== undefined) {
  process.stderr.write(`The judges could not be installed (${obstacle}): in CI they must judge.\n`);
  process.exitCode = 1;
} else {
  process.stderr.write(
    `!!! The judges are LEFT OUT: their packages could not be installed (${obstacle}).\n`,
  );
}

/** Installs the clients as their lockfile says, unless they are there. Says what was in the way, if anything was. */
function install(): string | undefined {
  if (existsSync(`${folder}node_modules/.package-lock.json`)) return undefined;
  process.stderr.write('Installing the clients that judge our mocks …\n');
  const { status, error } = spawnSync(
    'npm',
    ['ci', '--ignore-scripts', '--no-audit', '--no-fund'],
    {
      cwd: folder,
      stdio: ['ignore', 2, 2],
      timeout: 300_000,
    },
  );
  if (status === 0) return undefined;
  return error?.message ?? `npm ended with ${status}`;
}

function judge(): number {
  const { status } = spawnSync('vitest', ['run', '--config', 'test/judges/vitest.config.ts'], {
    cwd: repository,
    stdio: 'inherit',
  });
  return status ?? 1;
}
