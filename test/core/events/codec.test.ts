import type { EngineSnapshot, SluiceEvent } from '@sluice/core/events';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  CODEC_VERSION,
  decodeEvent,
  decodeHeader,
  decodeLine,
  decodeSnapshot,
  encodeEvent,
  encodeHeader,
  encodeSnapshot,
  parseEvent,
  parseSnapshot,
} from '../../../packages/core/src/events/codec.ts';
import { CodecError } from '../../../packages/core/src/events/codec-error.ts';
import { isSluiceError } from '../../../packages/core/src/base/errors.ts';
import { aPoolSnapshot, aSnapshot } from '../../support/snapshot.ts';
import { runs } from '../../support/tier.ts';

const stamp = { epoch: 'e1', seq: 1, at: 5 };
const acquired: SluiceEvent = {
  ...stamp,
  type: 'lease.acquired',
  pool: 'openai',
  lease: 1,
  slot: 2,
  waitMs: 3.5,
  label: 'line\nbreak \u2028 \uD83D\uDE00 "quoted"',
};

describe('an event on the wire', () => {
  it('is read as it was written, on one line', () => {
    const line = encodeEvent(acquired);

    expect(line).not.toMatch(/[\r\n]/);
    expect(decodeEvent(line)).toEqual(acquired);
  });

  it('of an unknown type is kept as it is', () => {
    const later = { ...stamp, type: 'zone.opened', zone: { deep: [1, null] } };

    expect(decodeEvent(JSON.stringify(later))).toEqual(later);
  });

  it('keeps fields that this version does not know', () => {
    const later = { ...acquired, colour: 'red' };

    expect(decodeEvent(JSON.stringify(later))).toEqual(later);
  });

  it.each<[string, unknown]>([
    ['no epoch', { type: 'x.y', seq: 1, at: 1 }],
    ['a seq that is no number', { ...stamp, type: 'x.y', seq: '1' }],
    ['a seq below zero', { ...stamp, type: 'x.y', seq: -1 }],
    ['no time', { ...stamp, type: 'x.y', at: null }],
    ['no type', stamp],
    ['a list instead of it', [acquired]],
    ['nothing', null],
    ['a field missing', { ...acquired, pool: undefined }],
    ['a field of another kind', { ...acquired, slot: '2' }],
    ['an optional field of another kind', { ...acquired, label: 7 }],
    ['an error that is a text', { ...stamp, type: 'observer.failed', error: 'x' }],
    ['routes that are no list', { ...stamp, type: 'route.replaced', routes: {} }],
    [
      'an agent that is no text',
      { ...stamp, type: 'route.decided', runId: 'r', agent: 1, matchedBy: 'x' },
    ],
  ])('is refused with %s', (_, value) => {
    const error = failureOf(() => parseEvent(value));

    expect(CodecError.is(error)).toBe(true);
    expect(isSluiceError(error, 'CODEC_MALFORMED')).toBe(true);
    expect(failureOf(() => decodeEvent(JSON.stringify(value)))).toEqual(error);
  });

  it('may say that no agent took the message', () => {
    const decided = { ...stamp, type: 'route.decided', runId: 'r', agent: null, matchedBy: 'none' };

    expect(parseEvent(decided)).toBe(decided);
  });

  it('is not taken for one of the object that holds the types', () => {
    const odd = { ...stamp, type: 'constructor' };

    expect(parseEvent(odd)).toBe(odd);
  });
});

describe('text from outside', () => {
  it.each([
    ['no JSON', '{"type": sk-canary}'],
    ['an empty text', ''],
    [
      'a key that would change a prototype',
      `{"type":"x.y","epoch":"e","seq":1,"at":1,"__proto__":{}}`,
    ],
    [
      'such a key, escaped and nested',
      String.raw`{"type":"x.y","epoch":"e","seq":1,"at":1,"a":[{"\u005f_proto__":1}]}`,
    ],
    ['a million brackets', '['.repeat(1_000_000)],
    ['a nesting of 33', `${'[{"a":'.repeat(17)}1${'}]'.repeat(17)}`],
    ['two million characters', JSON.stringify('x'.repeat(2_000_000))],
  ])('is refused when it is %s', (_, text) => {
    const error = failureOf(() => decodeEvent(text));

    expect(isSluiceError(error, 'CODEC_MALFORMED')).toBe(true);
    expect(String(error)).not.toContain('canary');
    expect(({} as Record<string, unknown>)['a']).toBeUndefined();
  });

  it('may hold brackets in its texts', () => {
    const event = { ...acquired, label: `${'['.repeat(100)}\\"${'{'.repeat(100)}` };

    expect(decodeEvent(encodeEvent(event))).toEqual(event);
  });

  it('is read or refused by a typed error, whatever it is', () => {
    const anything = fc.oneof(
      fc.string(),
      fc.json(),
      fc
        .record(
          {
            type: fc.constantFrom('lease.acquired', 'pool.opened', 'x'),
            epoch: fc.jsonValue(),
            seq: fc.jsonValue(),
            at: fc.jsonValue(),
            pools: fc.jsonValue(),
            sluice: fc.jsonValue(),
            codec: fc.constant('1.0'),
          },
          { requiredKeys: [] },
        )
        .map((value) => JSON.stringify(value)),
    );

    fc.assert(
      fc.property(anything, (text) => {
        for (const decode of [decodeEvent, decodeSnapshot, decodeHeader, decodeLine]) {
          const error = failureOf(() => decode(text));
          expect(error === undefined || CodecError.is(error)).toBe(true);
        }
      }),
      { numRuns: runs(2_000, 20_000) },
    );
  });
});

describe('a snapshot on the wire', () => {
  const snapshot = aSnapshot({ pools: [aPoolSnapshot()], capabilities: ['act'] });

  it('is read as it was written', () => {
    expect(decodeSnapshot(encodeSnapshot(snapshot))).toEqual(snapshot);
  });

  it('of another minor version is read, of another major version is refused', () => {
    const newer = { ...snapshot, codec: '1.99', more: true } as EngineSnapshot;
    const other = { ...snapshot, codec: '2.0' };

    const error = failureOf(() => decodeSnapshot(encodeSnapshot(other)));

    expect(decodeSnapshot(encodeSnapshot(newer))).toEqual(newer);
    expect(isSluiceError(error, 'CODEC_VERSION')).toBe(true);
    expect(String(error)).toContain('2.0');
  });

  it.each<[string, object]>([
    ['no codec', { codec: undefined }],
    ['a codec that is no version', { codec: 'one' }],
    ['no pools', { pools: undefined }],
    ['a pool that is a text', { pools: ['openai'] }],
    ['a pool without counts', { pools: [{ ...aPoolSnapshot(), stats: null }] }],
    ['a pool whose slots are no list', { pools: [{ ...aPoolSnapshot(), slots: {} }] }],
    ['runs that are no list', { runs: {} }],
    ['no counters', { counters: null }],
    ['no epoch', { epoch: 3 }],
  ])('is refused with %s', (_, broken) => {
    const error = failureOf(() => parseSnapshot({ ...snapshot, ...broken }));

    expect(isSluiceError(error, 'CODEC_MALFORMED')).toBe(true);
  });
});

describe('a recording', () => {
  const header = encodeHeader({ epoch: 'e1', at: 7 });

  it('begins with a line that names it and its version', () => {
    expect(JSON.parse(header)).toEqual({ sluice: 1, codec: CODEC_VERSION, epoch: 'e1', at: 7 });
    expect(decodeHeader(header)).toEqual({ sluice: 1, codec: CODEC_VERSION, epoch: 'e1', at: 7 });
  });

  it('is read line by line, each for what it is', () => {
    const snapshot = aSnapshot();
    const lines = [header, encodeSnapshot(snapshot), encodeEvent(acquired)];

    expect(lines.map(decodeLine)).toEqual([
      { kind: 'header', header: { sluice: 1, codec: CODEC_VERSION, epoch: 'e1', at: 7 } },
      { kind: 'snapshot', snapshot },
      { kind: 'event', event: acquired },
    ]);
  });

  it.each([
    ['another layout', '{"sluice":2,"codec":"1.0","epoch":"e","at":1}', 'CODEC_MALFORMED'],
    ['another major version', '{"sluice":1,"codec":"2.0","epoch":"e","at":1}', 'CODEC_VERSION'],
    ['no time', '{"sluice":1,"codec":"1.0","epoch":"e"}', 'CODEC_MALFORMED'],
    ['something else', '[]', 'CODEC_MALFORMED'],
  ])('is refused with %s', (_, line, code) => {
    expect(
      isSluiceError(
        failureOf(() => decodeHeader(line)),
        code,
      ),
    ).toBe(true);
  });
});

function failureOf(work: () => unknown): unknown {
  try {
    work();
    return undefined;
  } catch (error) {
    return error;
  }
}
