// Writes a provider, and runs the contract that Sluice's own providers keep.
import assert from 'node:assert/strict';
import { ClientPool } from '@sluice/core';
import { clientContract } from '@sluice/core/testing';
import { acme } from './provider.ts';
import { aSubject } from './server.ts';

for (const promise of clientContract) {
  await using subject = await aSubject();
  await promise.check(subject).catch((cause: unknown) => {
    throw new Error(`It does not keep this: ${promise.name}`, { cause });
  });
}

await using subject = await aSubject();
const provider = acme({ baseUrl: subject.baseUrl });
await using clients = new ClientPool({ providers: { acme: provider } });
const answer = await clients.complete({ messages: [{ role: 'user', content: 'Hello?' }] });

assert.equal(answer.text, 'Hello there');
assert.equal(answer.usage.output.total, 5);
console.log(`The provider keeps all ${clientContract.length} promises, and answers in a pool.`);
