import { fileURLToPath } from 'node:url';

const packages = fileURLToPath(new URL('../../packages', import.meta.url));

/** Our packages as their sources, not as they are built: coverage sees them, and a test needs no build. */
export const sourceAlias: { readonly find: RegExp; readonly replacement: string }[] = [
  { find: /^@sluice\/(core|adapters|dashboard)$/, replacement: `${packages}/$1/src/index.ts` },
  {
    find: /^@sluice\/(core|adapters|dashboard)\/(.+)$/,
    replacement: `${packages}/$1/src/$2/index.ts`,
  },
];
