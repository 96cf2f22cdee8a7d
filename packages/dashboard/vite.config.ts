import { svelte } from '@sveltejs/vite-plugin-svelte';
import { defineConfig } from 'vite';

/** Builds the element: one file with Svelte and the stylesheet in it, and the sample beside it. */
export default defineConfig({
  plugins: [svelte({ configFile: false, compilerOptions: { runes: true } })],
  build: {
    outDir: 'dist/element',
    emptyOutDir: true,
    target: 'es2022',
    // Nesting and container queries stay as they are written: every browser with container queries in use has both.
    cssTarget: ['chrome120', 'firefox121', 'safari17.2'],
    lib: { entry: 'src/element/index.ts', formats: ['es'], fileName: () => 'sluice-dashboard.js' },
    rolldownOptions: { preserveEntrySignatures: 'allow-extension', output: { minify: true, chunkFileNames: 'sluice-[name].js' } },
  },
});
