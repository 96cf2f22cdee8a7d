import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** A file under inspection. Its path is relative to the repository, with `/` between the parts. */
export interface SourceFile {
  readonly path: string;
  readonly text: string;
}

/** The folder of the repository, absolute. */
export const repository: string = fileURLToPath(new URL('../..', import.meta.url));

/** The packages whose sources the rules are about. */
export const packageNames = ['core', 'adapters', 'dashboard'] as const;

const unwalked = new Set(['node_modules', 'dist', 'coverage', '.git', '.svelte-kit']);

/** Reads the TypeScript and Svelte sources of every package. */
export function readSources(): readonly SourceFile[] {
  return packageNames
    .flatMap((name) => filesUnder(`packages/${name}/src`))
    .filter((path) => /\.(?:ts|svelte)$/.test(path))
    .map(read);
}

/** Reads every file of the repository that is text and not written by a tool. */
export function readRepository(): readonly SourceFile[] {
  return trackedPaths()
    .filter((path) => !/\.(?:png|jpg|ico|woff2)$|^pnpm-lock\.yaml$/.test(path))
    .map(read);
}

/** Reads one file. */
export function read(path: string): SourceFile {
  return { path, text: readFileSync(join(repository, path), 'utf8') };
}

/** What git tracks and is still on the disk; all that is there in an unpacked archive, which has no git. */
function trackedPaths(): readonly string[] {
  const present = filesUnder('.');
  try {
    const options = { cwd: repository, encoding: 'utf8', stdio: 'pipe' } as const;
    const tracked = new Set(execFileSync('git', ['ls-files', '-z'], options).split('\0'));
    return present.filter((path) => tracked.has(path));
  } catch {
    return present;
  }
}

function filesUnder(folder: string): readonly string[] {
  return readdirSync(join(repository, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = folder === '.' ? entry.name : `${folder}/${entry.name}`;
    if (entry.isDirectory()) return unwalked.has(entry.name) ? [] : filesUnder(path);
    return entry.isFile() ? [path] : [];
  });
}
