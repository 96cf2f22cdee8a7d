import { connectPort } from '@sluice/adapters/message-port';
import { afterEach, beforeEach, expect, it } from 'vitest';

let worker: Worker;

beforeEach(() => {
  worker = new Worker(new URL('message-port-worker.ts', import.meta.url), { type: 'module' });
});

afterEach(() => worker.terminate());

it('lets a page speak with its worker, and see replies grow', async () => {
  const peer = connectPort(worker);
  const grown: string[] = [];

  const reply = await peer.ask('hello 🌊', { onDelta: (text) => grown.push(text) });

  expect(reply).toMatch(/^You said: hello 🌊 \(\w+\)$/);
  expect(grown.join('')).toBe('You said: ');
  peer.close();
});

it('lets many parts of a page speak with it over ports of their own', async () => {
  const peers = ['left', 'right'].map((name) => {
    const { port1, port2 } = new MessageChannel();
    worker.postMessage(name, [port2]);
    return connectPort(port1);
  });

  const replies = await Promise.all(peers.map((peer, i) => peer.ask(`from ${i}`)));

  expect(replies.map((reply) => reply.split(' (')[0])).toEqual([
    'You said: from 0',
    'You said: from 1',
  ]);
  for (const peer of peers) peer.close();
});

it('answers each question once, in order, across restarts in the worker', async () => {
  const peer = connectPort(worker);
  const questions = Array.from({ length: 60 }, (_, i) => (i % 20 === 7 ? 'restart' : `q${i}`));
  const answered: string[] = [];

  const replies = await Promise.all(
    questions.map(async (question) => {
      const reply = await peer.ask(question);
      answered.push(question);
      return reply;
    }),
  );

  expect(replies.map((reply) => /^You said: (.+) \(/.exec(reply)?.[1])).toEqual(questions);
  expect(new Set(replies).size).toBe(questions.length); // each by a run of its own
  expect(answered).toEqual(questions);
  peer.close();
});
