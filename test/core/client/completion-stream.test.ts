import type { CompletionChunk } from '@sluice/core';
import { map, take, toArray } from 'rxjs';
import { describe, expect, it } from 'vitest';
import { CompletionStream } from '../../../packages/core/src/client/completion-stream.ts';
import { aClientPool, readAll, REQUEST, statsOf, textOf } from './support.ts';

describe('a completion stream', () => {
  it('asks nothing before it is used', async () => {
    const { clock, clients, providers, events } = aClientPool({ a: {} });

    clients.stream(REQUEST);
    await clock.advance(60_000);

    expect(providers.a.requests).toEqual([]);
    expect(events).toEqual([]);
  });

  it('makes one request of each iteration and each subscription', async () => {
    const { clients, providers } = aClientPool({ a: {} });
    const stream = clients.stream(REQUEST);

    await readAll(stream);
    await readAll(stream);
    await new Promise<void>((resolve) => stream.subscribe({ complete: resolve }));

    expect(providers.a.requests).toHaveLength(3);
  });

  it('is an Observable, with all operators', async () => {
    const { clients } = aClientPool({ a: {} });
    const types$ = clients.stream(REQUEST).pipe(
      map(({ type }) => type),
      toArray(),
    );

    const types = await new Promise((resolve) => types$.subscribe(resolve));

    expect(types).toEqual(['start', 'text', 'text', 'done']);
  });

  it('hands a failure to its subscriber, once', async () => {
    const { clock, clients } = aClientPool({ a: { reply: { end: { kind: 'reset' } } } });
    const heard: string[] = [];

    clients.stream(REQUEST).subscribe({
      next: ({ type }) => heard.push(type),
      error: (error: { code: string }) => heard.push(error.code),
      complete: () => heard.push('complete'),
    });
    await clock.settle();

    expect(heard).toEqual(['start', 'text', 'text', 'PROVIDER_NETWORK']);
  });

  it('aborts the request when its subscriber leaves, and then gives the lease back', async () => {
    const { clock, clients, providers } = aClientPool({
      a: { reply: { end: { kind: 'stall' } } },
    });
    const order: string[] = [];
    void providers.a.whenAborted(1).then(() => order.push('aborted'));
    clients.events$.subscribe(({ type }) => {
      if (type === 'lease.released') order.push(type);
    });

    clients.stream(REQUEST).pipe(take(2)).subscribe();
    await clock.settle();

    expect(order).toEqual(['aborted', 'lease.released']);
    expect(statsOf(clients, 'a').inUse).toBe(0);
  });

  it('aborts the request when its reader leaves the loop, and has the lease back by then', async () => {
    const { clients, providers } = aClientPool({ a: { reply: { end: { kind: 'stall' } } } });

    for await (const chunk of clients.stream(REQUEST)) if (chunk.type === 'text') break;

    expect(providers.a.aborted).toBe(1);
    expect(statsOf(clients, 'a').inUse).toBe(0);
  });

  it('has the lease back by the time its loop ends', async () => {
    const { clients } = aClientPool({ a: {} });

    await readAll(clients.stream(REQUEST));

    expect(statsOf(clients, 'a')).toMatchObject({ inUse: 0, totalReleased: 1 });
  });

  it('holds the provider back while nobody reads', async () => {
    let made = 0;
    const { clock, clients } = aClientPool({});
    clients.register('endless', {
      name: 'endless',
      createClient: () => ({ model: 'endless-1', stream: endless }),
    });
    async function* endless(): AsyncGenerator<CompletionChunk> {
      for (;;) {
        made += 1;
        yield { type: 'text', index: 0, delta: 'x' };
      }
    }

    const chunks = clients.stream(REQUEST)[Symbol.asyncIterator]();
    await chunks.next();
    await clock.advance(60_000);
    const whileHeld = made;
    await chunks.next();
    await chunks.return?.();

    expect(whileHeld).toBe(1);
    expect(made).toBe(2);
  });

  it('answers calls of next that overlap in order', async () => {
    const { clients } = aClientPool({ a: {} });
    const chunks = clients.stream(REQUEST)[Symbol.asyncIterator]();

    const results = await Promise.all(Array.from({ length: 6 }, () => chunks.next()));

    expect(results.map(({ value }) => value?.type)).toEqual([
      'start',
      'text',
      'text',
      'done',
      undefined,
      undefined,
    ]);
    expect(statsOf(clients, 'a').totalAcquired).toBe(1);
  });

  it('ends a read under way when its reader leaves from elsewhere', async () => {
    const { clock, clients } = aClientPool({ a: { reply: { end: { kind: 'hang' } } } });
    const chunks = clients.stream(REQUEST)[Symbol.asyncIterator]();

    const pending = chunks.next();
    await clock.settle();
    await chunks.return?.();

    expect(await pending).toEqual({ done: true, value: undefined });
    expect(await chunks.next()).toEqual({ done: true, value: undefined });
  });

  it('tells of its latest use what has come and what it cost', async () => {
    const { clients } = aClientPool({ a: {} });
    const stream = clients.stream(REQUEST);
    const before = [stream.partial, stream.usage];

    const { chunks } = await readAll(stream);

    expect(before).toEqual([undefined, undefined]);
    expect(stream.partial?.text).toBe(textOf(chunks));
    expect(stream.usage).toEqual({ input: { total: 3 }, output: { total: 5 } });
  });

  it('begins nothing for an iteration that is left before its first read', async () => {
    let begun = 0;
    const stream = new CompletionStream(() => {
      begun += 1;
      throw new Error('never asked for');
    });

    await stream[Symbol.asyncIterator]().return?.();

    expect(begun).toBe(0);
  });
});
