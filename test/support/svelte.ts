import { svelte } from '@sveltejs/vite-plugin-svelte';
import type { PluginOption } from 'vite';

/** Compiles components as the dashboard's own build does: only `*.ce.svelte` becomes a custom element. */
export function sveltePlugin(): PluginOption {
  return svelte({
    configFile: false,
    compilerOptions: { css: 'injected' },
    dynamicCompileOptions: ({ filename }) => ({
      // Foreign components (the test renderer's wrapper) may still be written without runes.
      ...(filename.includes('node_modules') ? {} : { runes: true }),
      ...(filename.endsWith('.ce.svelte') ? { customElement: true } : {}),
    }),
  });
}
