import { vitePreprocess } from '@sveltejs/vite-plugin-svelte';

/** For svelte-check and svelte-package. */
export default { preprocess: vitePreprocess(), compilerOptions: { runes: true } };
