import { expect, describe, it } from 'vitest';
import { textOf, userMessage } from '../../../packages/core/src/message/message.ts';
import { MemorySessionStore } from '../../../packages/core/src/store/memory-store.ts';
import { storeContract } from '../../../packages/core/src/testing/contract/store.ts';

describe('a session store in memory', () => {
  it.each(storeContract)('$name', (contract) => contract.check(new MemorySessionStore()));

  it('forgets the session that was used longest ago when one too many comes', async () => {
    const store = new MemorySessionStore({ maxSessions: 2 });
    await store.append(['a'], [userMessage('a')], { expectVersion: 0 });
    await store.append(['b'], [userMessage('b')], { expectVersion: 0 });
    await store.load(['a']);

    await store.append(['c'], [userMessage('c')], { expectVersion: 0 });

    expect(store.size).toBe(2);
    expect((await store.load(['a'])).messages).toHaveLength(1);
    expect((await store.load(['b'])).messages).toHaveLength(0);
  });

  it('forgets the oldest messages of a session that grows too long', async () => {
    const store = new MemorySessionStore({ maxMessages: 3 });
    const version = await store.append(['a'], ['1', '2'].map(userMessage), { expectVersion: 0 });

    await store.append(['a'], ['3', '4'].map(userMessage), { expectVersion: version });

    const { messages } = await store.load(['a']);
    expect(messages.map(textOf)).toEqual(['2', '3', '4']);
  });

  it.each([0, -1, 1.5, Number.NaN])('refuses a bound of %s', (bound) => {
    expect(() => new MemorySessionStore({ maxSessions: bound })).toThrow(
      `maxSessions must be an integer of at least 1, not ${bound}`,
    );
  });
});
