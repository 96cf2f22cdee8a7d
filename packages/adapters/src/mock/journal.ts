import type { Question } from './script.ts';

/** What became of a request: still being answered, answered to the end, or left before it. */
export type ExchangeStatus = 'open' | 'finished' | 'aborted';

/** One request and what became of it. */
export interface Exchange {
  readonly question: Question;
  readonly status: ExchangeStatus;
}

/** One request that is being answered. It ends once; later ends do nothing. */
export interface OpenExchange {
  /** The answer has been sent, or broken off, as scripted. */
  finish(): void;
  /** The caller left. */
  abort(): void;
}

/** How many exchanges a journal keeps; the oldest finished ones are forgotten first. */
const MAX_EXCHANGES = 10_000;

/** What a mock was asked, and what became of it. */
export class Journal {
  #exchanges: { question: Question; status: ExchangeStatus }[] = [];
  #open = 0;
  #peak = 0;
  #asked = 0;
  #aborted = 0;
  #watchers: { readonly isMet: () => boolean; readonly resolve: () => void }[] = [];

  /** The last 10,000 requests, the oldest first. */
  get exchanges(): readonly Exchange[] {
    return this.#exchanges;
  }

  /** What was asked, the oldest first. */
  get questions(): readonly Question[] {
    return this.#exchanges.map(({ question }) => question);
  }

  /** How many requests came in all. */
  get asked(): number {
    return this.#asked;
  }

  /** How many are being answered now. */
  get open(): number {
    return this.#open;
  }

  /** How many were being answered at once, at most. */
  get peak(): number {
    return this.#peak;
  }

  /** How many were left by their callers before the end. */
  get aborted(): number {
    return this.#aborted;
  }

  /** Notes a request. For mocks; whoever begins an exchange ends it. */
  begin(question: Question): OpenExchange {
    const exchange = { question, status: 'open' as ExchangeStatus };
    this.#exchanges.push(exchange);
    if (this.#exchanges.length > MAX_EXCHANGES) this.#exchanges.shift();
    this.#asked += 1;
    this.#open += 1;
    this.#peak = Math.max(this.#peak, this.#open);
    const end = (status: ExchangeStatus): void => {
      if (exchange.status !== 'open') return;
      exchange.status = status;
      this.#open -= 1;
      if (status === 'aborted') this.#aborted += 1;
      this.#tell();
    };
    this.#tell();
    return { finish: () => end('finished'), abort: () => end('aborted') };
  }

  /** Fails when a request is still being answered: somebody left a stream open. @throws {Error} that says which. */
  expectIdle(): void {
    if (this.#open === 0) return;
    const numbers = this.#exchanges
      .filter(({ status }) => status === 'open')
      .map(({ question }) => question.number);
    throw new Error(`${this.#open} streams are still open: requests ${numbers.join(', ')}`);
  }

  /** Resolves once no request is being answered. */
  whenIdle(): Promise<void> {
    return this.#when(() => this.#open === 0);
  }

  /** Resolves once `count` requests in all have come. */
  whenAsked(count: number): Promise<void> {
    return this.#when(() => this.#asked >= count);
  }

  /** Resolves once `count` requests in all were left by their callers. */
  whenAborted(count: number): Promise<void> {
    return this.#when(() => this.#aborted >= count);
  }

  #when(isMet: () => boolean): Promise<void> {
    if (isMet()) return Promise.resolve();
    return new Promise((resolve) => this.#watchers.push({ isMet, resolve }));
  }

  #tell(): void {
    const met = this.#watchers.filter(({ isMet }) => isMet());
    if (met.length === 0) return;
    this.#watchers = this.#watchers.filter((watcher) => !met.includes(watcher));
    for (const { resolve } of met) resolve();
  }
}
