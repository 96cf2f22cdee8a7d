import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { packageNames, read, repository } from './source-files.ts';

/** One subpath of a package. */
export interface Entry {
  /** As a user imports it: `@sluice/core/pool`. */
  readonly name: string;
  /** Its table of contents, relative to the repository. */
  readonly path: string;
}

/** Lists the entries that the packages' `exports` promise and whose table of contents is written. */
export function entries(): readonly Entry[] {
  return packageNames.flatMap(entriesOf).filter(({ path }) => existsSync(join(repository, path)));
}

function entriesOf(packageName: string): readonly Entry[] {
  const manifest = JSON.parse(read(`packages/${packageName}/package.json`).text) as {
    readonly exports: Readonly<Record<string, unknown>>;
  };
  return Object.keys(manifest.exports)
    .filter((subpath) => subpath !== './package.json' && !subpath.endsWith('.css'))
    .map((subpath) => {
      const folder = subpath.slice(1);
      return {
        name: `@sluice/${packageName}${folder}`,
        path: `packages/${packageName}/src${folder}/index.ts`,
      };
    });
}
