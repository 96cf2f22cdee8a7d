import type * as later from './later.ts';

/** What `later.ts` has. */
export type Later = typeof later;

/** The parts that come after the first picture: until they are there, what needs them shows an empty place. */
export class LaterParts {
  parts: Later | undefined = $state.raw();

  /** Loads them, and their styles into the tree that an element is in. */
  async load(element: Element): Promise<void> {
    const parts = await import('./later.ts');
    parts.adoptLaterStylesheet(element);
    this.parts = parts;
  }
}
