import { readFile, readdir } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file of the page, as it is answered. */
interface SiteFile {
  readonly type: string;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

const TYPES: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
};

/** The same rules as the dashboard's own page: its own script and style, its own server, nothing else. */
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " +
  "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; " +
  'trusted-types svelte-trusted-html';

/** The demo's page, read once at the start: no request names a path of the disk. */
export class Site {
  readonly #files: ReadonlyMap<string, SiteFile>;

  private constructor(files: ReadonlyMap<string, SiteFile>) {
    this.#files = files;
  }

  /** Reads the built page. @throws {Error} when it was not built. */
  static async read(): Promise<Site> {
    const root = fileURLToPath(new URL('dist', import.meta.url));
    const files = new Map<string, SiteFile>();
    for (const entry of await readdir(root, { recursive: true, withFileTypes: true })) {
      const type = TYPES[extname(entry.name)];
      if (!entry.isFile() || type === undefined) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(root.length).replaceAll('\\', '/');
      files.set(name, { type, bytes: new Uint8Array(await readFile(path)) });
    }
    return new Site(files);
  }

  /** Answers a request for a file of the page, or leaves it to others. */
  answer(request: Request): Response | undefined {
    if (request.method !== 'GET') return undefined;
    const { pathname } = new URL(request.url);
    const file = this.#files.get(pathname === '/' ? '/index.html' : pathname);
    if (file === undefined) return undefined;
    return new Response(file.bytes, {
      headers: {
        'content-type': file.type,
        'content-security-policy': POLICY,
        'cache-control': 'no-cache',
        'cross-origin-resource-policy': 'same-origin',
        'referrer-policy': 'no-referrer',
        'x-content-type-options': 'nosniff',
      },
    });
  }
}
