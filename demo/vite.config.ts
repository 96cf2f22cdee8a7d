import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';

/** Builds the demo's page: the chat, the controls and the dashboard's element in one script. */
export default defineConfig({
  root: fileURLToPath(new URL('page', import.meta.url)),
  logLevel: 'warn',
  build: {
    outDir: '../dist',
    emptyOutDir: true,
    target: 'es2022',
    cssTarget: ['chrome120', 'firefox121', 'safari17.2'],
    modulePreload: false,
    assetsInlineLimit: 0,
  },
});
