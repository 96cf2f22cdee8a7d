import { createSubscriber } from 'svelte/reactivity';
import { mount, unmount } from 'svelte';
import type { DashboardSource } from '../sources/source.ts';
import { adoptStylesheet } from '../theme/stylesheet.ts';
import Dashboard from '../ui/Dashboard.svelte';
import type { SluiceDashboardElement } from './element-type.ts';

/** The element's name. */
export const TAG = 'sluice-dashboard';

/** Registers `<sluice-dashboard>` once. Where there is no DOM it does nothing. */
export function defineDashboardElement(): void {
  if (typeof customElements === 'undefined' || customElements.get(TAG) !== undefined) return;
  customElements.define(TAG, dashboardElementClass());
}

/** The class is made when it is registered: `HTMLElement` is not there on a server. */
function dashboardElementClass(): new () => SluiceDashboardElement {
  return class extends HTMLElement implements SluiceDashboardElement {
    static readonly observedAttributes: readonly string[] = ['theme', 'compact', 'hash'];

    #source: DashboardSource | undefined;
    #mounted: Record<string, unknown> | undefined;
    #changed: () => void = () => undefined;
    readonly #track = createSubscriber((update) => {
      this.#changed = update;
      return () => {
        this.#changed = () => undefined;
      };
    });

    constructor() {
      super();
      adoptStylesheet(this.attachShadow({ mode: 'open' }));
    }

    get source(): DashboardSource | undefined {
      return this.#source;
    }

    set source(source: DashboardSource | undefined) {
      this.#source = source;
      this.#changed();
    }

    get theme(): string | undefined {
      return this.getAttribute('theme') ?? undefined;
    }

    set theme(theme: string | undefined) {
      if (theme === undefined) this.removeAttribute('theme');
      else this.setAttribute('theme', theme);
    }

    get compact(): boolean {
      return this.hasAttribute('compact');
    }

    set compact(compact: boolean) {
      this.toggleAttribute('compact', compact);
    }

    get hash(): boolean {
      return this.hasAttribute('hash');
    }

    set hash(hash: boolean) {
      this.toggleAttribute('hash', hash);
    }

    connectedCallback(): void {
      this.#upgrade('source');
      if (this.#mounted !== undefined || this.shadowRoot === null) return;
      this.#mounted = mount(Dashboard, { target: this.shadowRoot, props: this.#props() });
    }

    disconnectedCallback(): void {
      const mounted = this.#mounted;
      this.#mounted = undefined;
      if (mounted !== undefined) void unmount(mounted); // without transitions it ends at once
    }

    attributeChangedCallback(): void {
      this.#changed();
    }

    /** A framework may have set the property before the element was defined. */
    #upgrade(name: 'source'): void {
      if (!Object.hasOwn(this, name)) return;
      const value = this[name];
      Reflect.deleteProperty(this, name);
      this[name] = value;
    }

    #props() {
      // oxlint-disable-next-line typescript/no-this-alias -- getters of the props below have a `this` of their own
      const element: SluiceDashboardElement = this;
      const read = <T>(value: () => T): T => {
        this.#track();
        return value();
      };
      return {
        get source() {
          return read(() => element.source);
        },
        get theme() {
          return read(() => themeOf(element.theme));
        },
        get compact() {
          return read(() => element.compact);
        },
        get hash() {
          return read(() => element.hash);
        },
      };
    }
  };
}

function themeOf(theme: string | undefined): 'auto' | 'light' | 'dark' | undefined {
  return theme === 'auto' || theme === 'light' || theme === 'dark' ? theme : undefined;
}
