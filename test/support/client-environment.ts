import type { Environment } from 'vitest/runtime';

/** Node, with modules compiled and resolved as for a browser: Svelte's runes do nothing in its server build. */
const clientEnvironment: Environment = {
  name: 'client',
  viteEnvironment: 'client',
  setup: () => ({ teardown: () => undefined }),
};

export default clientEnvironment;
