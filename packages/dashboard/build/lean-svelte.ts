import type { Plugin } from 'vite';

/** What is done to one module of Svelte's runtime. */
interface Cut {
  readonly module: string;
  readonly cut: (source: string) => string;
}

/**
 * Leaves out what Svelte's runtime carries for other kinds of pages. A bundler cannot see that it is unused, since it
 * hangs on variables that nobody sets: waking up HTML that a server wrote, Svelte 4's rules, asynchronous components,
 * tracing. Deep state goes too (what changes here is replaced as a whole), and the base class of custom elements
 * (`element/sluice-dashboard.ts` is written by hand). A Svelte that is built otherwise fails the build, not the page.
 */
export function leanSvelte(): Plugin {
  const found = new Set<Cut>();
  return {
    name: 'lean-svelte',
    enforce: 'pre',
    transform(source, id) {
      if (DEEP_STATE.test(source) && !id.includes('node_modules')) {
        throw new Error(`${id} has deep state: write $state.raw, the built element has no proxies`);
      }
      const cut = CUTS.find(({ module }) => id.endsWith(`/svelte/src/internal/${module}`));
      if (cut === undefined) return undefined;
      found.add(cut);
      return { code: cut.cut(source), map: null };
    },
    buildEnd(error) {
      const missed = CUTS.filter((cut) => !found.has(cut)).map(({ module }) => module);
      if (error === undefined && missed.length > 0) {
        throw new Error(
          `Svelte no longer has ${missed.join(', ')}: build/lean-svelte.ts must follow it`,
        );
      }
    },
  };
}

/** `$state` of an object or a list. Of a text, a number or an element it makes no proxy. */
const DEEP_STATE = /\$state(?:<[^()]*>)?\(\s*(?:[[{]|new )/;

const CUTS: readonly Cut[] = [
  { module: 'flags/index.js', cut: withoutSwitches },
  { module: 'client/dom/hydration.js', cut: withoutSwitches },
  {
    module: 'client/proxy.js',
    cut: () => `
export const proxy = (value) => value;
export const get_proxied_value = proxy;
export const is = Object.is;
`,
  },
  {
    module: 'client/dom/elements/custom-element.js',
    cut: () => `
export const create_custom_element = undefined;
export const SvelteElement = undefined;
`,
  },
];

/** Makes constants of the switches that are off, so that what hangs on them is dropped. */
function withoutSwitches(source: string): string {
  const constant = source.replace(/^export let (\w+) = false;$/gm, 'export const $1 = false;');
  if (constant === source) throw new Error('Svelte has other switches: see build/lean-svelte.ts');
  return constant.replace(/^\t(?:hydrating|\w+_mode_flag) = .*;$/gm, '');
}
