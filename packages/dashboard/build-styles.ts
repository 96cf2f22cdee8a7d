import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

// The components import their stylesheets as text, by Vite's `?inline`. Other bundlers do not know it: in the packaged
// components the text stands in a module.

const packaged = new URL('./dist/svelte/theme/', import.meta.url);

for (const [module, style] of [
  ['stylesheet', 'dashboard'],
  ['later-stylesheet', 'later'],
  ['drawer-stylesheet', 'drawer'],
  ['tables-stylesheet', 'tables'],
] as const) {
  const text = textOf(`${style}.css`);
  writeFileSync(at(`${style}-text.js`), `export default ${JSON.stringify(text)};\n`);
  writeFileSync(at(`${style}-text.d.ts`), `declare const css: string;\nexport default css;\n`);
  const source = readFileSync(at(`${module}.js`), 'utf8');
  writeFileSync(at(`${module}.js`), source.replace(`./${style}.css?inline`, `./${style}-text.js`));
}

/** Puts the stylesheets that one imports in their place. */
function textOf(name: string): string {
  const css = readFileSync(at(name), 'utf8');
  return css.replace(/@import '\.\/(.*?)';/g, (_, imported: string) => textOf(imported));
}

function at(name: string): string {
  return fileURLToPath(new URL(name, packaged));
}
