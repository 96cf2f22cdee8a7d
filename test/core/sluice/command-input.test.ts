import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseCommand } from '../../../packages/core/src/sluice/command-input.ts';
import { runs } from '../../support/tier.ts';

const ASKED = { id: 'c1', by: 'ann' };

describe('a command from outside', () => {
  it.each([
    { type: 'channel.restart', channel: 'web' },
    { type: 'pool.resize', pool: 'main', maxSize: 5 },
    { type: 'pool.drain', pool: 'main', deadlineMs: 0 },
    { type: 'fault.add', pool: 'main', kind: 'status', every: 2, value: 503, forMs: 600_000 },
    { type: 'fault.remove', fault: 'fault-1' },
  ])('is taken as it is when it is valid: $type', (fields) => {
    const parsed = parseCommand({ ...ASKED, ...fields });

    expect(parsed).toMatchObject({ kind: 'valid', command: { ...ASKED, ...fields } });
  });

  it('has the fields of its type and no others', () => {
    const input: unknown = JSON.parse(
      '{"id":"c1","by":"ann","type":"channel.pause","channel":"web","url":"x","__proto__":{"y":1}}',
    );

    const parsed = parseCommand(input);

    expect(parsed).toMatchObject({
      command: { type: 'channel.pause', channel: 'web', id: 'c1', by: 'ann' },
    });
    expect(JSON.stringify(parsed)).not.toContain('url');
    expect(({} as { y?: number }).y).toBeUndefined();
  });

  it.each([
    [{ type: 'channel.explode', channel: 'web' }, 'type is unknown'],
    [{ type: 'constructor' }, 'type is unknown'],
    [{ type: 'channel.restart' }, 'channel must be a text of 1 to 200 characters'],
    [{ type: 'channel.restart', channel: '' }, 'channel must be a text of 1 to 200 characters'],
    [{ type: 'channel.restart', channel: 'x'.repeat(201) }, 'channel must be a text'],
    [{ type: 'channel.restart', channel: 'web', id: 7 }, 'id must be a text'],
    [{ type: 'pool.resize', pool: 'main', maxSize: 0 }, 'maxSize must be an integer from 1'],
    [{ type: 'pool.resize', pool: 'main', maxSize: Number.NaN }, 'maxSize must be an integer'],
    [aFault({ every: 0 }), 'every must be an integer from 1 to 1000000'],
    [aFault({ every: 1.5 }), 'every must be an integer from 1 to 1000000'],
    [aFault({ forMs: 600_001 }), 'forMs must be an integer from 1 to 600000'],
    [aFault({ forMs: 0 }), 'forMs must be an integer from 1 to 600000'],
    [aFault({ kind: 'explode' }), 'kind must be one of latency, status, cut, stall'],
    [aFault({ value: -1 }), 'value must be an integer from 0 to 600000'],
  ])('is refused with the field that is wrong: %j', (fields, reason) => {
    const parsed = parseCommand({ ...ASKED, ...fields });

    expect(parsed.kind).toBe('invalid');
    expect(parsed).toHaveProperty('reason');
    expect(JSON.stringify(parsed)).toContain(`"reason":"${reason}`);
  });

  it.each([null, undefined, 7, 'restart', [], [{ type: 'channel.stop' }]])(
    'is refused when it is no object: %j',
    (input) => {
      expect(parseCommand(input)).toMatchObject({ kind: 'invalid', reason: 'type is unknown' });
    },
  );

  it('is labelled without secrets, and cut', () => {
    const secret = `sk-ant-${'a1B2'.repeat(12)}`;

    const { label } = parseCommand({ id: 'x'.repeat(900), type: 'a', by: secret, channel: 'web' });

    expect(label).toMatchObject({ commandType: 'a', subject: 'web' });
    expect(label.command).toHaveLength(200);
    expect(label.by).not.toContain('a1B2a1B2');
  });

  it('never throws, whatever it is', () => {
    fc.assert(
      fc.property(fc.anything({ withNullPrototype: true, withBigInt: true }), (input) => {
        expect(['valid', 'invalid']).toContain(parseCommand(input).kind);
      }),
      { numRuns: runs(1_000, 10_000) },
    );
  });
});

function aFault(fields: object): object {
  return { type: 'fault.add', pool: 'main', kind: 'cut', every: 1, forMs: 1_000, ...fields };
}
