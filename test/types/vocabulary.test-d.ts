import { describe, expectTypeOf, it } from 'vitest';
import { type ChannelId, channelId, type RunId, runId, Secret } from '@sluice/core';
import type { EngineSnapshot, SluiceCommand, SluiceEvent } from '@sluice/core/events';

type Primitive = string | number | boolean | null | undefined;

/** `never` for what JSON can carry; else the part that it cannot. */
type Unplain<T> = T extends Primitive
  ? never
  : T extends (...args: never[]) => unknown
    ? T
    : T extends readonly (infer Item)[]
      ? Unplain<Item>
      : T extends Date | Map<unknown, unknown> | Set<unknown> | Promise<unknown>
        ? T
        : { [Key in keyof T]-?: Unplain<T[Key]> }[keyof T];

describe('ids', () => {
  it('of different things cannot be swapped', () => {
    expectTypeOf<RunId>().not.toExtend<ChannelId>();
    expectTypeOf<ChannelId>().not.toExtend<RunId>();
    expectTypeOf<string>().not.toExtend<RunId>();
  });

  it('are strings, and made from strings', () => {
    expectTypeOf(runId('r1')).toEqualTypeOf<RunId>();
    expectTypeOf(channelId('web')).toExtend<string>();
  });
});

describe('a secret', () => {
  it('does not pass for a string', () => {
    expectTypeOf<Secret>().not.toExtend<string>();

    // @ts-expect-error A secret is unwrapped on purpose, never by chance.
    const header: string = new Secret('key');
    void header;
  });
});

describe('what is seen from outside', () => {
  it('is what JSON can carry', () => {
    expectTypeOf<Unplain<SluiceEvent>>().toBeNever();
    expectTypeOf<Unplain<EngineSnapshot>>().toBeNever();
    expectTypeOf<Unplain<SluiceCommand>>().toBeNever();
  });

  it('names everything else for what it is', () => {
    expectTypeOf<Unplain<{ at: Date }>>().toEqualTypeOf<Date>();
    expectTypeOf<Unplain<{ deep: readonly { run: () => void }[] }>>().toEqualTypeOf<() => void>();
  });

  it('is a closed union: a type tells the fields', () => {
    const poolOf = (event: SluiceEvent): string =>
      event.type === 'lease.waiting' ? event.pool : event.type;

    expectTypeOf(poolOf).returns.toBeString();
    // @ts-expect-error No event has this type.
    const wrong: SluiceEvent['type'] = 'pool.exploded';
    void wrong;
  });
});
