// As much of generic-pool 3.9's own types as the guide's program uses. Copyright (c) 2010-2016 James Cooper, MIT.
declare module 'generic-pool' {
  interface Factory<T> {
    create(): Promise<T>;
    destroy(client: T): Promise<void>;
    validate?(client: T): Promise<boolean>;
  }

  interface Options {
    max?: number;
    min?: number;
    maxWaitingClients?: number;
    testOnBorrow?: boolean;
    acquireTimeoutMillis?: number;
    evictionRunIntervalMillis?: number;
    softIdleTimeoutMillis?: number;
  }

  class Pool<T> {
    acquire(priority?: number): Promise<T>;
    release(resource: T): Promise<void>;
    destroy(resource: T): Promise<void>;
    drain(): Promise<void>;
    clear(): Promise<void>;
    on(event: string, listener: (error: unknown) => void): this;
  }

  function createPool<T>(factory: Factory<T>, opts?: Options): Pool<T>;
}
