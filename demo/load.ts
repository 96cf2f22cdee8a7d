import { setTimeout as pause } from 'node:timers/promises';

/** The most conversations at once that the load may have. */
export const MAX_LOAD = 200;

const QUESTIONS: readonly string[] = [
  'What is a sluice?',
  '@scholar Why do gates have levels?',
  'How long is the line?',
  'Who goes next?',
  '@scholar Tell me about locks and weirs.',
  'What happens when a gate trips?',
];

/** People who talk to the gateway over real HTTP, as many at once as it is told. */
export class LoadGenerator implements AsyncDisposable {
  readonly #url: () => string;
  readonly #people = new Map<
    number,
    { readonly leaving: AbortController; readonly gone: Promise<void> }
  >();
  #nextPerson = 0;

  /** @param url tells the gateway's, such as `http://127.0.0.1:4317`, once people arrive */
  constructor(url: () => string) {
    this.#url = url;
  }

  /** How many conversations there are. */
  get level(): number {
    return this.#people.size;
  }

  /** Lets people come or go until there are `level` of them, from 0 to 200. */
  set(level: number): void {
    const wanted = Math.max(0, Math.min(MAX_LOAD, Math.floor(level)));
    while (this.#people.size < wanted) this.#arrive();
    for (const [id, person] of this.#people) {
      if (this.#people.size <= wanted) break;
      this.#people.delete(id);
      person.leaving.abort();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const gone = [...this.#people.values()].map((person) => person.gone);
    this.set(0);
    await Promise.all(gone);
  }

  #arrive(): void {
    const id = this.#nextPerson;
    this.#nextPerson += 1;
    const leaving = new AbortController();
    this.#people.set(id, { leaving, gone: converse(this.#url(), id, leaving.signal) });
  }
}

/** Asks, listens to the end, thinks a little, asks again: until told to leave. A refusal is waited out. */
async function converse(url: string, person: number, signal: AbortSignal): Promise<void> {
  let session: string | undefined;
  for (let turn = person; !signal.aborted; turn += 1) {
    try {
      const response = await fetch(`${url}/api/chat`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ message: QUESTIONS[turn % QUESTIONS.length], session }),
        signal,
      });
      const body = (await response.json()) as { readonly session?: string };
      session = response.ok ? body.session : undefined;
      await pause(response.ok ? 200 + ((person * 137 + turn * 61) % 900) : 1_000, undefined, {
        signal,
      });
    } catch {
      // Left, or the gateway is gone for a moment: the loop's condition tells which.
      if (!signal.aborted) await pause(500);
    }
  }
}
