import type { SourceFile } from './source-files.ts';

/** What belongs to one machine or one account, and so not into the repository. */
const foreign: readonly { readonly what: string; readonly pattern: RegExp }[] = [
  {
    what: 'a path of one machine',
    pattern: /(?<![\w.:/])\/(?:root|home|Users|work|tmp|mnt)\/\w[\w./-]*/,
  },
  { what: 'a path of one machine', pattern: /\b[A-Z]:\\Users\\\w+/ },
  {
    what: 'the host of a registry',
    pattern: /\b(?:registry|npm)\.[\w-]+\.(?:org|com|net|io|dev)\b/,
  },
  { what: 'an account of a registry', pattern: /_auth(?:Token)?\s*=/ },
];

/** Names every machine path and registry host in a file, with its line. */
export function neutralityFindings(files: readonly SourceFile[]): readonly string[] {
  return files.flatMap(({ path, text }) =>
    text
      .split('\n')
      .flatMap((line, index) =>
        foreign
          .filter(({ pattern }) => pattern.test(line))
          .map(({ what }) => `${path}:${index + 1}: names ${what}`),
      ),
  );
}
