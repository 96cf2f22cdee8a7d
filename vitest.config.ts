import { fileURLToPath } from 'node:url';
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions } from 'vite';
import { defineConfig, type TestProjectConfiguration } from 'vitest/config';
import { type BrowserLaunch, findBrowser } from './test/support/browser.ts';
import { closingLine } from './test/support/closing-line.ts';
import { sourceAlias as alias } from './test/support/source-alias.ts';
import { sveltePlugin } from './test/support/svelte.ts';
import { runs } from './test/support/tier.ts';

// A test that ends takes far less, but on a machine that does other things; in CI a law lives ten times as many histories.
const unitDeadlineMs = runs(60_000, 600_000);

const unitFolders =
  '{core,adapters,dashboard,contract,simulation,architecture,types,support}/**/*.test.ts';
const runesFiles = 'test/dashboard/**/*.svelte.test.ts';

const nodeProjects: TestProjectConfiguration[] = [
  {
    resolve: { alias },
    test: {
      name: 'unit',
      include: [`test/${unitFolders}`],
      exclude: [runesFiles],
      testTimeout: unitDeadlineMs,
      typecheck: {
        enabled: true,
        include: ['test/types/**/*.test-d.ts'],
        tsconfig: './test/types/tsconfig.json',
      },
    },
  },
  {
    // View-models in an effect root: no DOM, but Svelte's client build.
    plugins: [sveltePlugin()],
    resolve: { alias, conditions: ['browser', ...defaultClientConditions] },
    test: {
      name: 'runes',
      include: [runesFiles],
      environment: './test/support/client-environment.ts',
      server: { deps: { inline: ['svelte', 'esm-env'] } },
      testTimeout: unitDeadlineMs,
    },
  },
  {
    resolve: { alias },
    test: {
      name: 'integration',
      include: ['test/integration/**/*.test.ts'],
      testTimeout: 60_000,
      hookTimeout: 60_000,
    },
  },
];

const browser = await findBrowser();
if (browser === undefined) reportMissingBrowser();

export default defineConfig({
  test: {
    passWithNoTests: true,
    // Left to itself vitest spares one core: on a machine with two, everything would wait in one line.
    maxWorkers: '100%',
    reporters: ['default', closingLine()],
    // What a test polls for comes when it comes: only what never comes fails.
    expect: { poll: { timeout: 30_000 } },
    coverage: {
      provider: 'v8',
      include: ['packages/*/src/**'],
      reporter: ['text-summary', 'json-summary'],
    },
    projects: browser === undefined ? nodeProjects : [...nodeProjects, ...browserProjects(browser)],
  },
});

function browserProjects({ executablePath, args, env }: BrowserLaunch): TestProjectConfiguration[] {
  return [
    {
      plugins: [sveltePlugin()],
      resolve: { alias },
      optimizeDeps: { entries: ['test/browser/**/*.test.ts'] },
      publicDir: fileURLToPath(new URL('./test/public', import.meta.url)),
      test: {
        name: 'browser',
        include: ['test/browser/**/*.test.ts'],
        testTimeout: 60_000,
        browser: {
          enabled: true,
          headless: true,
          screenshotFailures: false,
          provider: playwright({ launchOptions: { executablePath, args, env } }),
          instances: [{ browser: 'chromium' }],
        },
      },
    },
    {
      // No alias: a user's page gets the built packages.
      test: {
        name: 'e2e',
        include: ['test/e2e/**/*.test.ts'],
        testTimeout: 240_000,
        hookTimeout: 120_000,
      },
    },
  ];
}

/** Vitest evaluates this file several times in a run; the note in the environment keeps it to one line. */
function reportMissingBrowser(): void {
  if (process.env['CI'] !== undefined) {
    throw new Error('No Chromium found: in CI the browser tests must run');
  }
  if (process.env['SLUICE_BROWSER_MISSED'] !== undefined) return;
  process.env['SLUICE_BROWSER_MISSED'] = '1';
  process.stderr.write(
    '!!! No Chromium found: the browser and e2e tests are LEFT OUT. Set SLUICE_CHROMIUM to its path.\n',
  );
}
