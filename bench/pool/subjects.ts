import { createRequire } from 'node:module';
import { Pool } from '@sluice/core/pool';

/** Something that lends: what every subject of the bench has in common. */
export interface Subject {
  readonly acquire: () => Promise<unknown>;
  readonly release: (lent: never) => void;
  /** Present where a subject has a synchronous way. */
  readonly tryAcquire?: (() => unknown) | undefined;
}

/** Makes a subject that lends `size` things; `observers` of them listen where there is something to hear. */
export type MakeSubject = (size: number, observers: number) => Subject | Promise<Subject>;

const rivals = createRequire(new URL('../rivals/package.json', import.meta.url));

interface Item {
  readonly id: number;
}

let made = 0;
const makeItem = (): Item => ({ id: (made += 1) });
const nothing = (): void => {};

/** The yardstick: what anybody writes who needs a pool for an afternoon. */
class BarePool {
  readonly #items: Item[] = [];
  #waiters: ((item: Item) => void)[] = [];
  #first = 0;

  constructor(size: number) {
    for (let i = 0; i < size; i += 1) this.#items.push(makeItem());
  }

  acquire(): Promise<Item> {
    const item = this.#items.pop();
    if (item !== undefined) return Promise.resolve(item);
    return new Promise((resolve) => void this.#waiters.push(resolve));
  }

  release(item: Item): void {
    const waiter = this.#waiters[this.#first];
    if (waiter === undefined) {
      this.#items.push(item);
      return;
    }
    this.#first += 1;
    if (this.#first === this.#waiters.length) {
      this.#waiters = [];
      this.#first = 0;
    }
    waiter(item);
  }
}

/** All subjects, by name. */
export const subjects: Readonly<Record<string, MakeSubject>> = {
  bare: (size) => {
    const pool = new BarePool(size);
    return { acquire: () => pool.acquire(), release: (item: Item) => pool.release(item) };
  },

  sluice: (size, observers) => {
    const pool = new Pool({ create: makeItem, maxSize: size, maxWaiters: 200_000 });
    for (let i = 0; i < observers; i += 1) pool.events$.subscribe(nothing);
    return {
      acquire: () => pool.acquire(),
      release: (lease: { release(): boolean }) => void lease.release(),
      tryAcquire: () => pool.tryAcquire(),
    };
  },

  'generic-pool': (size) => {
    const { createPool } = rivals('generic-pool') as {
      createPool: (
        factory: object,
        options: object,
      ) => {
        acquire(): Promise<Item>;
        release(item: Item): Promise<void>;
      };
    };
    const factory = { create: async () => makeItem(), destroy: async () => {} };
    const pool = createPool(factory, { max: size, acquireTimeoutMillis: 30_000 });
    return { acquire: () => pool.acquire(), release: (item: Item) => void pool.release(item) };
  },

  tarn: (size) => {
    const tarn = rivals('tarn') as {
      Pool: new (options: object) => {
        acquire(): { readonly promise: Promise<Item> };
        release(item: Item): boolean;
      };
    };
    const pool = new tarn.Pool({
      create: async () => makeItem(),
      destroy: nothing,
      min: 0,
      max: size,
    });
    return {
      acquire: () => pool.acquire().promise,
      release: (item: Item) => void pool.release(item),
    };
  },

  'lightning-pool': async (size, observers) => {
    const lightning = (await import(rivals.resolve('lightning-pool'))) as {
      createPool: (
        factory: object,
        options: object,
      ) => {
        acquire(): Promise<Item>;
        release(item: Item): void;
        on(event: string, listener: () => void): void;
      };
    };
    const factory = { create: async () => makeItem(), destroy: async () => {}, reset: undefined };
    const pool = lightning.createPool(factory, {
      max: size,
      maxQueue: 200_000,
      resetOnReturn: false,
    });
    for (let i = 0; i < observers; i += 1) {
      for (const event of ['acquire', 'return', 'create', 'destroy']) pool.on(event, nothing);
    }
    return { acquire: () => pool.acquire(), release: (item: Item) => pool.release(item) };
  },

  'pg-pool': (size) => {
    const PgPool = rivals('pg-pool') as new (
      options: object,
      client: unknown,
    ) => {
      connect(): Promise<{ release(): void }>;
    };
    const pool = new PgPool({ max: size, connectionTimeoutMillis: 30_000 }, StubClient);
    return {
      acquire: () => pool.connect(),
      release: (client: { release(): void }) => client.release(),
    };
  },

  'async-sema': (size) => {
    const { Sema } = rivals('async-sema') as {
      Sema: new (
        size: number,
        options: object,
      ) => { acquire(): Promise<unknown>; release(): void; tryAcquire(): unknown };
    };
    const sema = new Sema(size, { capacity: 1_000 });
    return {
      acquire: () => sema.acquire(),
      release: () => sema.release(),
      tryAcquire: () => sema.tryAcquire(),
    };
  },

  // A bulkhead lends nothing: it runs a function when there is room. The release is the end of that function.
  cockatiel: async (size) => {
    const { bulkhead } = (await import(rivals.resolve('cockatiel'))) as {
      bulkhead: (
        limit: number,
        queue: number,
      ) => {
        execute<T>(work: () => T | Promise<T>): Promise<T>;
      };
    };
    const policy = bulkhead(size, 200_000);
    return { acquire: () => policy.execute(nothing), release: nothing };
  },
};

/** As much of a database client as pg-pool looks at. */
class StubClient {
  readonly _ending = false;
  readonly _poolUseCount = 0;
  connect(done?: (error?: Error) => void): void {
    queueMicrotask(() => done?.());
  }
  end(done?: () => void): void {
    done?.();
  }
  on(): this {
    return this;
  }
  once(): this {
    return this;
  }
  removeListener(): this {
    return this;
  }
}
