import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { firstViewGroup } from './build/first-view.ts';
import { leanSvelte } from './build/lean-svelte.ts';

const entry = fileURLToPath(new URL('src/element/index.ts', import.meta.url));

/**
 * Builds the element: one file with what the first view needs, Svelte and the stylesheet in it, and beside it what comes
 * after the first picture or is loaded when it is asked for: the drawer, the tables, the sample.
 */
export default defineConfig({
  plugins: [
    svelte({ configFile: false, compilerOptions: { runes: true, discloseVersion: false } }),
    leanSvelte(),
  ],
  build: {
    outDir: 'dist/element',
    emptyOutDir: true,
    target: 'es2022',
    // Nesting and container queries stay as they are written: every browser with container queries in use has both.
    cssTarget: ['chrome120', 'firefox121', 'safari17.2'],
    lib: { entry, formats: ['es'], fileName: () => 'sluice-dashboard.js' },
    rolldownOptions: {
      output: {
        minify: true,
        comments: false,
        chunkFileNames: 'sluice-[name].js',
        codeSplitting: { groups: [firstViewGroup(entry)] },
      },
    },
  },
});
