import {
  clientContract,
  pooledClientContract,
  ScriptedProvider,
  VirtualClock,
} from '@sluice/core/testing';
import { describe, it } from 'vitest';

describe('a scripted client', () => {
  for (const { name, check } of [...clientContract, ...pooledClientContract]) {
    it(name, async () => {
      const clock = new VirtualClock();
      const provider = new ScriptedProvider({ clock });

      await check({
        clock,
        pass: (durationMs) => clock.advance(durationMs),
        makeClient: () => provider.createClient(),
        script: (...replies) => provider.script(...replies),
        requests: () => provider.requests.length,
        whenAborted: (count) => provider.whenAborted(count),
      });
    });
  }
});
