import { createMockServer, type MockServer, type Reply } from '@sluice/adapters/mock-server';
import { ClientPool, ProviderError, type ProviderErrorKind, userMessage } from '@sluice/core';
import { VirtualClock } from '@sluice/core/testing';
import { inspect } from 'node:util';
import { afterEach, describe, expect, it } from 'vitest';
import {
  CANARY_KEY,
  PROVIDER_FAMILIES,
  type ProviderFamily,
} from '../support/provider-families.ts';

const REQUEST = { messages: [userMessage('What is a sluice?')] };
const TIMEOUTS = { firstByteMs: 30_000, idleMs: 60_000 };
const GIBIBYTE = 1_073_741_824;

/** What goes wrong, and what the caller is told. */
interface FaultCase {
  readonly name: string;
  readonly reply: Reply;
  readonly kind: ProviderErrorKind;
  readonly status?: number;
  readonly retryAfterMs?: number;
  /** What had come before. */
  readonly partial?: string;
  /** How long passes before anything happens, in milliseconds. */
  readonly passMs?: number;
  /** Whether the connection can be of use no more. */
  readonly isSocketLost?: boolean;
}

const text = ['one ', 'two'];
const FAULTS: readonly FaultCase[] = [
  {
    name: 'a stall',
    reply: { text, fault: { kind: 'stall' } },
    kind: 'idle-timeout',
    partial: 'one two',
    passMs: 60_000,
    isSocketLost: true,
  },
  {
    name: 'no answer at all',
    reply: { text, fault: { kind: 'hang' } },
    kind: 'first-byte-timeout',
    passMs: 30_000,
    isSocketLost: true,
  },
  {
    name: 'a body that ends too early',
    reply: { text, fault: { kind: 'cut' } },
    kind: 'truncated',
    partial: 'one two',
  },
  {
    name: 'a connection that breaks',
    reply: { text, fault: { kind: 'reset' } },
    kind: 'network',
    partial: 'one two',
    isSocketLost: true,
  },
  {
    name: 'a connection that breaks before the status',
    reply: { fault: { kind: 'refuse' } },
    kind: 'network',
    isSocketLost: true,
  },
  {
    name: 'a malformed line',
    reply: { text, fault: { kind: 'malformed' } },
    kind: 'malformed',
    partial: 'one two',
  },
  {
    name: 'an error first in a 200',
    reply: { text, fault: { kind: 'error', afterEvents: 0 } },
    kind: 'server',
  },
  {
    name: 'an error after text',
    reply: { text, fault: { kind: 'error' } },
    kind: 'server',
    partial: 'one two',
  },
  {
    name: 'an HTML page with 502',
    reply: { fault: { kind: 'status', status: 502, body: '<html>Bad Gateway</html>' } },
    kind: 'server',
    status: 502,
  },
  {
    name: 'an HTML page with 200',
    reply: { fault: { kind: 'type', contentType: 'text/html', body: '<html>Hello</html>' } },
    kind: 'malformed',
  },
  {
    name: 'another content type',
    reply: { fault: { kind: 'type', contentType: 'image/png', body: 'x' } },
    kind: 'malformed',
  },
  {
    name: 'an error as JSON in a 200',
    reply: { fault: { kind: 'json', body: '{"error":{"message":"No","type":"server_error"}}' } },
    kind: 'server',
  },
  {
    name: 'half of an answer as JSON',
    reply: { fault: { kind: 'json', body: '{"choices":[{"mess' } },
    kind: 'malformed',
  },
  ...(['seconds', 'date', 'ms', 'body'] as const).map((retryHint) => ({
    name: `429 with the wait in ${retryHint}`,
    reply: {
      fault: { kind: 'status', status: 429, retryAfterMs: 7_000, retryHint },
    } satisfies Reply,
    kind: 'rate-limit' as const,
    status: 429,
    retryAfterMs: 7_000,
  })),
  {
    name: '429 with no wait',
    reply: { fault: { kind: 'status', status: 429, retryAfterMs: 0, retryHint: 'seconds' } },
    kind: 'rate-limit',
    status: 429,
    retryAfterMs: 0,
  },
  {
    name: '429 that does not say',
    reply: { fault: { kind: 'status', status: 429 } },
    kind: 'rate-limit',
    status: 429,
  },
  {
    name: '503',
    reply: { fault: { kind: 'status', status: 503 } },
    kind: 'overloaded',
    status: 503,
  },
  {
    name: '529',
    reply: { fault: { kind: 'status', status: 529 } },
    kind: 'overloaded',
    status: 529,
  },
  {
    name: 'a line of a gigabyte',
    reply: { text, fault: { kind: 'flood', form: 'line', bytes: GIBIBYTE } },
    kind: 'malformed',
    partial: 'one two',
    isSocketLost: true,
  },
  {
    name: 'a gigabyte that travels as a megabyte',
    reply: { text, fault: { kind: 'flood', form: 'gzip', bytes: GIBIBYTE } },
    kind: 'malformed',
    isSocketLost: true,
  },
];

const cleanups: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup();
});

describe.each(PROVIDER_FAMILIES)('over $dialect', (family) => {
  it.each(FAULTS)('$name is told as $kind, and leaves nothing', async (fault) => {
    const { server, clock, pool } = await aPoolOver(family, fault.reply);

    const error = await failureOf(pool, { clock, server, passMs: fault.passMs });

    const { kind, status, retryAfterMs, partial, provider, attempts } = error;
    expect({ kind, retryAfterMs }).toEqual({ kind: fault.kind, retryAfterMs: fault.retryAfterMs });
    if (fault.status !== undefined) expect(status).toBe(fault.status);
    expect(partial?.text).toBe(fault.partial);
    if (partial !== undefined) expect(partial.usage).toMatchObject({ estimated: true });
    expect(provider).toBe(family.dialect === 'responses' ? 'openai' : family.dialect);
    expect(attempts).toHaveLength(1);
    expect(inspect(error, { depth: 10, showHidden: true })).not.toContain(CANARY_KEY);
    await expectNothingLeft(pool, { clock, server, isSocketLost: fault.isSocketLost === true });
  });

  it('a whole answer as JSON is one', async () => {
    const { server, clock, pool } = await aPoolOver(family, { text, fault: { kind: 'json' } });

    const answer = await pool.complete(REQUEST);

    expect(answer.text).toBe('one two');
    await expectNothingLeft(pool, { clock, server, isSocketLost: false });
  });

  it('a redirect is not followed, and no key goes where it points', async () => {
    const elsewhere = createMockServer({ script: {} });
    cleanups.push(() => elsewhere.close());
    const { url: location } = await elsewhere.listen();
    const { server, clock, pool } = await aPoolOver(family, {
      fault: { kind: 'status', status: 307, headers: { location }, body: '' },
    });

    const error = await failureOf(pool, { clock, server });

    expect(error).toMatchObject({ kind: 'unsupported', status: 307, retryable: false });
    expect(await elsewhere.openSockets()).toBe(0);
    await expectNothingLeft(pool, { clock, server, isSocketLost: false });
  });

  it('an abort before the status rejects with its reason, and leaves nothing', async () => {
    const { server, clock, pool } = await aPoolOver(family, { fault: { kind: 'hang' } });
    const controller = new AbortController();
    const reason = new Error('the caller left');

    const answer = pool.complete(REQUEST, { signal: controller.signal });
    const rejection = answer.catch((error: unknown) => error);
    await server.journal.whenAsked(1);
    controller.abort(reason);

    expect(await rejection).toBe(reason);
    await expectNothingLeft(pool, { clock, server, isSocketLost: true });
  });

  it('an abort while it waits in line asks nothing, and the one before it is not disturbed', async () => {
    const { server, clock, pool } = await aPoolOver(family, { text, fault: { kind: 'stall' } });
    const controller = new AbortController();
    const reason = new Error('the caller left');
    const first = pool.stream(REQUEST)[Symbol.asyncIterator]();
    await first.next();

    const second = pool.complete(REQUEST, { signal: controller.signal });
    const rejection = second.catch((error: unknown) => error);
    await clock.settle();
    controller.abort(reason);

    expect(await rejection).toBe(reason);
    expect(server.journal.asked).toBe(1);
    expect(server.journal.open).toBe(1);
    await first.return?.();
    await expectNothingLeft(pool, { clock, server, isSocketLost: true });
  });

  it('an abort in mid-stream rejects with its reason, keeps what came, and leaves nothing', async () => {
    const { server, clock, pool } = await aPoolOver(family, { text, fault: { kind: 'stall' } });
    const controller = new AbortController();
    const reason = new Error('the caller left');

    const stream = pool.stream(REQUEST, { signal: controller.signal });
    let thrown: unknown;
    try {
      for await (const chunk of stream) {
        if (chunk.type === 'text' && chunk.delta === 'two') controller.abort(reason);
      }
    } catch (error) {
      thrown = error;
    }

    expect(thrown).toBe(reason);
    expect(stream.partial?.text).toBe('one two');
    expect(stream.usage).toMatchObject({ estimated: true });
    await expectNothingLeft(pool, { clock, server, isSocketLost: true });
  });
});

describe.each(PROVIDER_FAMILIES.filter(({ dialect }) => dialect !== 'gemini'))(
  'over $dialect',
  (family) => {
    it('a connection that stays open after the end is left', async () => {
      const { server, clock, pool } = await aPoolOver(family, { text, fault: { kind: 'linger' } });

      const answer = await pool.complete(REQUEST);

      expect(answer.text).toBe('one two');
      await expectNothingLeft(pool, { clock, server, isSocketLost: true });
    });
  },
);

describe.each(PROVIDER_FAMILIES.filter(({ dialect }) => dialect === 'gemini'))(
  'over $dialect, which has no last word and may give a reason to finish more than once',
  (family) => {
    it('a connection that stays open after the end runs into the idle timeout, and keeps the text', async () => {
      const { server, clock, pool } = await aPoolOver(family, { text, fault: { kind: 'linger' } });

      const error = await failureOf(pool, { clock, server, passMs: 60_000 });

      expect(error.kind).toBe('idle-timeout');
      expect(error.partial?.text).toBe('one two');
      await expectNothingLeft(pool, { clock, server, isSocketLost: true });
    });
  },
);

interface Scene {
  readonly server: MockServer;
  readonly clock: VirtualClock;
}

async function aPoolOver(
  { dialect, make }: ProviderFamily,
  reply: Reply,
): Promise<Scene & { readonly pool: ClientPool }> {
  const clock = new VirtualClock();
  const server = createMockServer({ script: reply, clock });
  cleanups.push(() => server.close());
  const { urls } = await server.listen();
  const provider = make({ baseUrl: urls[dialect], clock });
  const providers = { [provider.name]: { provider, maxSize: 1, minIdle: 0, check: false } };
  const pool = new ClientPool({ providers, timeouts: TIMEOUTS, clock });
  cleanups.push(() => pool.close());
  return { server, clock, pool };
}

/** Reads until the failure. Time passes once there is nothing more to read without it. */
async function failureOf(
  pool: ClientPool,
  { clock, server, passMs }: Scene & { readonly passMs?: number | undefined },
): Promise<ProviderError> {
  const reading = pool.complete(REQUEST).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (passMs !== undefined) {
    await server.journal.whenAsked(1);
    await turns(20); // what was sent arrives
    await clock.advance(passMs);
  }
  const thrown = await reading;
  if (!ProviderError.is(thrown)) {
    throw new Error('It did not fail as a provider', { cause: thrown });
  }
  return thrown;
}

async function expectNothingLeft(
  pool: ClientPool,
  { clock, server, isSocketLost }: Scene & { readonly isSocketLost: boolean },
): Promise<void> {
  await server.journal.whenIdle();
  server.journal.expectIdle();
  const closing = pool.close();
  await clock.advance(200); // what a client is given to let go
  await closing;
  expect(Object.values(pool.stats()).map(({ inUse }) => inUse)).toEqual([0]);
  expect(clock.pending).toBe(0);
  // A socket that is kept open for the next request is fine; one that is lost must go. One that stays is the deadline's.
  const most = isSocketLost ? 0 : 1;
  while ((await server.openSockets()) > most) await turns(1);
}

async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn += 1) await new Promise((done) => setImmediate(done));
}
