import { ClientPool, userMessage } from '@sluice/core';
import { ScriptedProvider, VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';

const REQUEST = { messages: [userMessage('What is a sluice?')] };

describe('a client pool', () => {
  it('answers', async () => {
    const clock = new VirtualClock();
    const provider = new ScriptedProvider({ clock });
    const clients = new ClientPool({ clock, providers: { a: provider } });

    const completion = await clients.complete(REQUEST);

    expect(completion.text).toBe('Hello there');
  });
});
