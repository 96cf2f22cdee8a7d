import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** How to start a Chromium: what Playwright's `launch` and Vitest's browser mode need. */
export interface BrowserLaunch {
  readonly executablePath: string;
  readonly args: string[];
  readonly env: Record<string, string>;
}

const launchArgs: readonly string[] = [
  '--no-sandbox', // containers run as root, where Chromium refuses its sandbox
  '--disable-gpu',
  '--disable-quic',
  '--disable-sync',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
];

const installedPaths: readonly string[] = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome-stable',
  '/usr/bin/google-chrome',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
];

const cacheFolder = fileURLToPath(new URL('../../node_modules/.cache/', import.meta.url));

/**
 * Finds a Chromium: the one `SLUICE_CHROMIUM` names (a path, or `bundled`, or `none`), an installed one,
 * Playwright's download, and last the one inside the npm package, which is unpacked once into `node_modules/.cache`.
 *
 * @returns `undefined` where there is none.
 * @throws {Error} when `SLUICE_CHROMIUM` names a file that cannot be executed.
 */
export async function findBrowser(): Promise<BrowserLaunch | undefined> {
  const asked = process.env['SLUICE_CHROMIUM'] ?? '';
  if (asked === 'none') return undefined;
  if (asked === 'bundled') return bundledBrowser();
  if (asked !== '') return browserAt(asked);

  const installed = installedPaths.find(isExecutable) ?? (await playwrightPath());
  return installed === undefined ? bundledBrowser() : launchOf(installed);
}

/**
 * As `findBrowser`, for tests that cannot do without.
 *
 * @throws {Error} when there is none.
 */
export async function requireBrowser(): Promise<BrowserLaunch> {
  const browser = await findBrowser();
  if (browser === undefined) {
    throw new Error(
      'No Chromium found: install Chromium or Chrome, or set SLUICE_CHROMIUM to its path',
    );
  }
  return browser;
}

function browserAt(path: string): BrowserLaunch {
  if (!isExecutable(path)) {
    throw new Error(`SLUICE_CHROMIUM is ${path}, which is not an executable file`);
  }
  return launchOf(path);
}

async function playwrightPath(): Promise<string | undefined> {
  const { chromium } = await import('playwright-core');
  const path = chromium.executablePath();
  return isExecutable(path) ? path : undefined;
}

/** The npm package's Chromium runs on x64 Linux only, and brings the libraries and fonts that a bare system lacks. */
async function bundledBrowser(): Promise<BrowserLaunch | undefined> {
  const archives = bundledArchives();
  if (archives === undefined) return undefined;

  const home = join(cacheFolder, 'chromium');
  if (!existsSync(home)) await unpack(archives, home);
  const libraries = [join(home, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH'] ?? ''];
  return launchOf(join(home, 'chromium'), {
    FONTCONFIG_PATH: join(home, 'fontconfig'),
    LD_LIBRARY_PATH: libraries.filter((path) => path !== '').join(':'),
  });
}

function bundledArchives(): string | undefined {
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  try {
    const entry = createRequire(import.meta.url).resolve('@sparticuz/chromium');
    const archives = join(dirname(dirname(entry)), 'bin');
    return existsSync(join(archives, 'chromium.br')) ? archives : undefined;
  } catch {
    return undefined; // an optional dependency: absent where it could not be installed
  }
}

/** Unpacks beside `home` and renames, so that a half-unpacked browser is never found. */
async function unpack(archives: string, home: string): Promise<void> {
  mkdirSync(cacheFolder, { recursive: true });
  const part = mkdtempSync(`${home}-`);
  await inflateInto(part, archives);
  mkdirSync(join(part, 'fontconfig'));
  await writeFile(join(part, 'fontconfig', 'fonts.conf'), fontsConf(home));
  try {
    renameSync(part, home);
  } catch (error) {
    rmSync(part, { recursive: true, force: true });
    if (!existsSync(home)) throw error; // else another process was first
  }
}

async function inflateInto(folder: string, archives: string): Promise<void> {
  const { inflate } = await import('@sparticuz/chromium');
  const saved = process.env['TMPDIR'];
  process.env['TMPDIR'] = folder; // the package always inflates into os.tmpdir()
  try {
    const names = ['chromium.br', 'fonts.tar.br', 'swiftshader.tar.br', 'al2023.tar.br'];
    await Promise.all(names.map((name) => inflate(join(archives, name))));
  } finally {
    if (saved === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = saved;
  }
}

/** The package's own file names a fixed folder; without fonts nothing has a size and nothing is visible. */
function fontsConf(home: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(home, 'fonts')}</dir>
  <dir>/usr/share/fonts</dir>
  <cachedir>${join(home, 'font-cache')}</cachedir>
</fontconfig>
`;
}

function launchOf(executablePath: string, extraEnv: Record<string, string> = {}): BrowserLaunch {
  const env = { ...definedEnv(), ...extraEnv };
  return { executablePath, args: [...launchArgs], env };
}

function definedEnv(): Record<string, string> {
  const entries = Object.entries(process.env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
