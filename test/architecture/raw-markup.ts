import type { SourceFile } from './source-files.ts';

/** Names every `{@html}` and inline style of a component: untrusted text is text, and the page forbids inline styles. */
export function markupFindings(files: readonly SourceFile[]): readonly string[] {
  return files
    .filter(({ path }) => path.endsWith('.svelte'))
    .flatMap(({ path, text }) =>
      text.split('\n').flatMap((line, index) => {
        const at = `${path}:${index + 1}`;
        return [
          ...(/\{@html\b/.test(line) ? [`${at}: writes raw markup`] : []),
          ...(/\sstyle="/.test(line)
            ? [`${at}: has an inline style, which the page's policy blocks`]
            : []),
        ];
      }),
    );
}
