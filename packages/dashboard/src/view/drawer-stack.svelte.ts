import type { Subject } from './verdict.ts';

/** Which subject the drawer shows, and the way back to those before it. */
export class DrawerStack {
  #subjects: readonly Subject[] = $state.raw([]);
  #index: number = $state(-1);

  /** What is open; undefined when the drawer is closed. */
  get current(): Subject | undefined {
    return this.#subjects[this.#index];
  }

  /** Whether a subject is what is open. */
  isOpen(kind: Subject['kind'], name: string): boolean {
    return this.current?.kind === kind && this.current.name === name;
  }

  /** Whether there is something to go back to. */
  get canGoBack(): boolean {
    return this.#index > 0;
  }

  /** Opens a subject; what was ahead is forgotten. */
  open(subject: Subject): void {
    const { current } = this;
    if (current?.kind === subject.kind && current.name === subject.name) return;
    this.#subjects = [...this.#subjects.slice(0, this.#index + 1), subject].slice(-20);
    this.#index = this.#subjects.length - 1;
  }

  /** Goes back one. */
  back(): void {
    if (this.#index > 0) this.#index -= 1;
  }

  /** Goes forward again. */
  forward(): void {
    if (this.#index < this.#subjects.length - 1) this.#index += 1;
  }

  /** Closes it and forgets the way. */
  close(): void {
    this.#subjects = [];
    this.#index = -1;
  }
}
