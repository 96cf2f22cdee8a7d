import { fileURLToPath } from 'node:url';
import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { firstViewGroup } from './build/first-view.ts';
import { leanSvelte } from './build/lean-svelte.ts';

const entry = fileURLToPath(new URL('src/server/page/page.ts', import.meta.url));

/** Builds the scripts of the page that the server serves: the exchange of the token, the first view, and what is loaded later. */
export default defineConfig({
  plugins: [
    svelte({ configFile: false, compilerOptions: { runes: true, discloseVersion: false } }),
    leanSvelte(),
  ],
  build: {
    outDir: 'dist/page',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome120', 'firefox121', 'safari17.2'],
    lib: { entry, formats: ['es'], fileName: () => 'page-[hash].js' },
    rolldownOptions: {
      output: {
        minify: true,
        chunkFileNames: '[name]-[hash].js',
        codeSplitting: { groups: [firstViewGroup(entry)] },
      },
    },
  },
});
