import type { Client } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import type { Reply } from '../../../packages/adapters/src/mock/script.ts';
import { aContext, read, REQUEST } from '../../support/decoding.ts';
import { listenerCounter } from '../../support/listener-counter.ts';
import { PROVIDER_FAMILIES } from '../../support/provider-families.ts';
import { answeringAs } from '../../support/scripted-answer.ts';
import { runs } from '../../support/tier.ts';

/** Every way in which a call can end. */
const REPLIES: readonly Reply[] = [
  { text: 'A gate' },
  { text: 'A gate', fault: { kind: 'cut' } },
  { text: 'A gate', fault: { kind: 'malformed' } },
  { fault: { kind: 'error', afterEvents: 0 } },
  { fault: { kind: 'status', status: 429 } },
  { fault: { kind: 'json' } },
  { fault: { kind: 'type', contentType: 'text/html' } },
];

const CALLS = runs(1_000, 10_000);

describe('a signal that thousands of calls share', () => {
  it.each(PROVIDER_FAMILIES)(
    'has no listener left after calls over $dialect, whatever became of them',
    async ({ dialect, make }) => {
      const { signal, listeners } = listenerCounter();
      const clients: Client[] = [];
      for (const reply of REPLIES) {
        const provider = make({ fetch: answeringAs(dialect, reply) });
        clients.push(await provider.createClient({ signal: new AbortController().signal }));
      }
      let most = 0;

      for (let call = 0; call < CALLS / PROVIDER_FAMILIES.length; call += 1) {
        const stream = clients[call % clients.length]?.stream(REQUEST, aContext({ signal }));
        const iterator = stream?.[Symbol.asyncIterator]();
        const isLeft = call % 3 === 0; // some readers leave after the first chunk
        if (isLeft) await iterator?.next().catch(() => undefined);
        most = Math.max(most, listeners());
        if (isLeft) await iterator?.return?.();
        else if (stream !== undefined) await read(stream);
      }

      expect(most).toBeGreaterThan(0); // it is listened to while calls are under way
      expect(listeners()).toBe(0);
    },
  );
});
