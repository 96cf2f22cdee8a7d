import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// Writes the files of the served page into a module: at run time the server touches no file system, so no request can
// name a path. Names carry a hash of their content.

const at = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));
const scripts = readdirSync(at('dist/page')).filter((name) => name.endsWith('.js'));
const [entry, ...others] = scripts.filter((name) => name.startsWith('page-'));
if (entry === undefined || others.length > 0) throw new Error(`No one page in ${scripts.join()}`);
const style = readFileSync(at('src/server/page/page.css'), 'utf8');
const styleName = hashedName('page', 'css', style);
const html = readFileSync(at('src/server/page/index.html'), 'utf8')
  .replace('src="page.js"', `src="${entry}"`)
  .replace('href="page.css"', `href="${styleName}"`);

const files: readonly (readonly [path: string, type: string, text: string])[] = [
  ['/index.html', 'text/html; charset=utf-8', html],
  [`/${styleName}`, 'text/css; charset=utf-8', style],
  ...scripts.map(
    (name) =>
      [
        `/${name}`,
        'text/javascript; charset=utf-8',
        readFileSync(at(`dist/page/${name}`), 'utf8'),
      ] as const,
  ),
];

writeFileSync(
  at('src/server/assets.generated.ts'),
  `// Made by build/page-assets.ts.

/** A file of the page. */
export interface PageAsset {
  readonly type: string;
  /** Whether its name holds a hash of its text. */
  readonly isHashed: boolean;
  readonly text: string;
}

/** The files of the page by path. */
export const PAGE_ASSETS: ReadonlyMap<string, PageAsset> = new Map([
${files.map(([path, type, text]) => `  [${JSON.stringify(path)}, ${JSON.stringify({ type, isHashed: path !== '/index.html', text })}],`).join('\n')}
]);
`,
);

function hashedName(name: string, extension: string, content: string): string {
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 10);
  return `${name}-${hash}.${extension}`;
}
