import { createGateway, type Gateway, type RefusalCode } from '@sluice/adapters/gateway';
import { ChannelManager, type Json } from '@sluice/core';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseUntrustedText } from '../../../packages/adapters/src/gateway/json.ts';
import { parseClientFrame } from '../../../packages/adapters/src/gateway/protocol.ts';
import { expectLinearTime } from '../../support/linear-time.ts';
import { runs } from '../../support/tier.ts';

const RUNS = { numRuns: runs(1_000, 20_000) };
const BODY_CODES: readonly RefusalCode[] = ['bad_json', 'bad_request', 'session_unknown'];
const CLOSE_CODES = [1003, 1008];

const KEYS = ['type', 'id', 'message', 'session', 'after', '__proto__', 'constructor', 'prototype'];
const names = fc.constantFrom('', ...KEYS);
const values = fc.oneof(
  fc.constantFrom('chat', 'resume', 'cancel', 'ping', '', ' ', '\u0000', '\uD800', '../etc', 'a-1'),
  fc.jsonValue(),
  fc.string({ unit: 'binary' }),
);
/** Frames that are nearly right. */
const frames = fc.array(fc.tuple(names, values), { maxLength: 6 }).map(writeObject);
/** Whatever a stranger may send as a text. */
const texts = fc.oneof(
  frames,
  fc.json(),
  fc.string({ unit: 'binary' }),
  deepTexts(),
  mutated(frames),
);

let gateway: Gateway;
let manager: ChannelManager;

beforeAll(async () => {
  gateway = createGateway({
    allowNoOrigin: true,
    limits: { messagesPerSecond: 1e9, burst: 1e9, maxSessions: 50, maxPendingPerSession: 1e9 },
  });
  manager = new ChannelManager({ handler: ({ text }, { reply }) => reply.final(text) });
  manager.add({ id: 'web', channel: gateway.channel });
  await manager.start();
});
afterAll(() => manager.stop());

describe('whatever a stranger sends', () => {
  it('over a WebSocket is read, refused in words or hung up on, and nothing is thrown', () => {
    fc.assert(
      fc.property(fc.array(texts, { minLength: 1, maxLength: 5 }), (sent) => {
        const socket = aProbe();

        for (const text of sent) socket.events.message(text);

        for (const { type } of socket.frames) expect(FRAME_TYPES).toContain(type);
        if (socket.closed !== undefined) expect(CLOSE_CODES).toContain(socket.closed);
        socket.events.closed();
        expectCleanPrototypes();
      }),
      RUNS,
    );
    expect(gateway.stats().sockets).toBe(0);
  });

  it('as a body is answered or refused with a code, and nothing inside fails', async () => {
    const bodies = fc.oneof(
      texts.map((text) => new TextEncoder().encode(text)),
      fc.uint8Array({ maxLength: 200 }),
    );

    await fc.assert(
      fc.asyncProperty(bodies, async (body) => {
        const response = await post(body);

        const told = (await response.json()) as { code?: RefusalCode; session?: string };
        if (response.status === 202) expect(told.session).toMatch(/^[\w-]{32}$/);
        else expect(BODY_CODES).toContain(told.code);
        expectCleanPrototypes();
      }),
      { numRuns: runs(500, 10_000) },
    );
    expect(gateway.stats().refused).not.toHaveProperty('internal');
  });

  it('is read as a frame only if it is one of the four', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const frame = parseClientFrame(value as Json);

        if (frame.ok) expect(['chat', 'resume', 'cancel', 'ping']).toContain(frame.value.type);
        else expect(frame.error).not.toBe('');
      }),
      RUNS,
    );
  });

  it.each([
    ['33 levels', nested(33), 'too-deep'],
    ['10,000 levels', nested(10_000), 'too-deep'],
    ['a million levels', nested(1_000_000), 'too-deep'],
    ['3 MB of empty objects', `[${'{},'.repeat(1_000_000)}{}]`, 'too-many-values'],
    ['100,000 keys', keys(100_000), 'too-many-keys'],
    ['a number of a million digits', '9'.repeat(1_000_000), 'number-too-long'],
  ] as const)('of %s is refused before it is built', (_what, text, refusal) => {
    const startedAt = performance.now();

    const result = parseUntrustedText(text);

    process.stderr.write(`${refusal}: ${(performance.now() - startedAt).toFixed(1)} ms\n`);
    expect(result).toEqual({ ok: false, refusal });
  });

  it('takes a linear time to refuse, however it is made', () => {
    const makers = [
      (size: number) => '['.repeat(size),
      (size: number) => '{"a":'.repeat(size),
      (size: number) => `"${'\\'.repeat(size)}`,
      (size: number) => `{"message":"${'\\u0061'.repeat(size)}"}`,
      (size: number) => `{"type":"chat","id":"${'a'.repeat(size)}"}`,
      (size: number) => `${' '.repeat(size)}x`,
    ];

    for (const make of makers) {
      expectLinearTime((size) => parseFrame(make(size)), make(1));
    }
  });
});

const FRAME_TYPES = ['accepted', 'response', 'error', 'resumed', 'gap', 'pong'];

function parseFrame(text: string): void {
  const parsed = parseUntrustedText(text);
  if (parsed.ok) parseClientFrame(parsed.value);
}

function aProbe() {
  const frames: { readonly type: string }[] = [];
  const probe = {
    frames,
    closed: undefined as number | undefined,
    events: gateway.connectSocket(
      {
        bufferedAmount: 0,
        send: (text) => frames.push(JSON.parse(text) as { type: string }),
        close: (code) => {
          probe.closed ??= code;
        },
      },
      { client: 'address:nasty', owner: undefined },
    ),
  };
  return probe;
}

function post(body: Uint8Array): Promise<Response> {
  return gateway.handle(
    new Request('http://localhost/api/chat', {
      method: 'POST',
      headers: { 'content-type': 'application/json', prefer: 'respond-async' },
      body: body as BodyInit,
    }),
  );
}

function expectCleanPrototypes(): void {
  expect(Object.keys(Object.prototype)).toEqual([]);
  expect(({} as { polluted?: unknown }).polluted).toBeUndefined();
}

function writeObject(fields: readonly (readonly [string, unknown])[]): string {
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${JSON.stringify(value)}`).join(',')}}`;
}

function deepTexts(): fc.Arbitrary<string> {
  return fc
    .tuple(fc.constantFrom('[', '{"a":', '{"__proto__":', '[[],'), fc.nat(200))
    .map(([open, depth]) => open.repeat(depth));
}

/** A text of which one unit was changed, added or cut. */
function mutated(given: fc.Arbitrary<string>): fc.Arbitrary<string> {
  return fc
    .tuple(given, fc.nat(), fc.string({ unit: 'binary', maxLength: 2 }))
    .map(([text, place, piece]) => {
      const at = text.length === 0 ? 0 : place % text.length;
      return text.slice(0, at) + piece + text.slice(at + 1);
    });
}

function nested(depth: number): string {
  return '['.repeat(depth) + ']'.repeat(depth);
}

function keys(count: number): string {
  return `{${Array.from({ length: count }, (_, at) => `"k${at}":1`).join(',')}}`;
}
