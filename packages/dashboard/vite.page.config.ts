import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';
import { leanSvelte } from './build/lean-svelte.ts';

/** Builds the script of the page that the server serves: the element and the exchange of the token in one file. */
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
    lib: { entry: 'src/server/page/page.ts', formats: ['es'], fileName: () => 'page.js' },
    rolldownOptions: { output: { minify: true, codeSplitting: false } },
  },
});
