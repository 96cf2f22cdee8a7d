import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig, type Plugin } from 'vite';
import { leanSvelte } from './build/lean-svelte.ts';

/**
 * Builds the element: one file with Svelte and the stylesheet in it, and beside it what is loaded when it is asked for:
 * the drawer, the search, the table of keys, the sample.
 */
export default defineConfig({
  plugins: [
    svelte({ configFile: false, compilerOptions: { runes: true, discloseVersion: false } }),
    leanSvelte(),
    withFacade(),
  ],
  build: {
    outDir: 'dist/element',
    emptyOutDir: true,
    target: 'es2022',
    // Nesting and container queries stay as they are written: every browser with container queries in use has both.
    cssTarget: ['chrome120', 'firefox121', 'safari17.2'],
    lib: { entry: 'src/element/index.ts', formats: ['es'], fileName: () => 'sluice-first-view.js' },
    rolldownOptions: {
      // What lazy parts share with the first view lives in the first view: fewer files, smaller together.
      preserveEntrySignatures: 'allow-extension',
      output: { minify: true, comments: false, chunkFileNames: 'sluice-[name].js' },
    },
  },
});

/** Names what is public: the first view's file also exports what the lazy parts share with it. */
function withFacade(): Plugin {
  return {
    name: 'with-facade',
    writeBundle({ dir = '' }) {
      const source = "export { mountDashboard } from './sluice-first-view.js';\n";
      writeFileSync(join(dir, 'sluice-dashboard.js'), source);
    },
  };
}
