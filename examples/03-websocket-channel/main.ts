// Answers over WebSockets, and keeps the conversation when the wire is cut in the middle of a reply.
import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, createGateway } from '@sluice/adapters/gateway';
import { serveGateway } from '@sluice/adapters/gateway/node';
import { ChannelManager } from '@sluice/core';

const handled: string[] = [];
const channels = new ChannelManager({
  handler: async ({ text }, { reply }) => {
    handled.push(text);
    const words = `You said: ${text}`.split(/(?<= )/);
    for (const word of words) {
      reply.delta(word);
      await sleep(20); // a model would think longer
    }
    await reply.final(words.join(''));
  },
});

const gateway = createGateway({ allowNoOrigin: true }); // for this program, which is no page
channels.add({ id: 'web', channel: gateway.channel });
await channels.start();
const server = await serveGateway(gateway);

const sockets: WebSocket[] = [];
const connection = connect({
  url: server.url,
  backoff: { baseMs: 50 },
  connectSocket: (url, protocols) => {
    const socket = new WebSocket(url, [...protocols]);
    sockets.push(socket);
    return socket;
  },
});
connection.state$.subscribe(({ status }) => console.log(status));

const hello = await connection.ask('hello');
assert.equal(hello.message, 'You said: hello');

let pieces = 0;
let answer = '';
for await (const frame of connection.stream('one two three four five six seven')) {
  if (frame.type === 'text_delta') pieces += 1;
  if (frame.type === 'text_delta' && pieces === 2) sockets.at(-1)?.close(4000); // the wire is cut
  if (frame.type === 'response') answer = frame.message;
}
assert.equal(answer, 'You said: one two three four five six seven');
assert.equal(sockets.length, 2);
assert.deepEqual(handled, ['hello', 'one two three four five six seven']); // once each

connection.close();
await channels.stop();
await server.close();
console.log(`${handled.length} messages answered over ${sockets.length} connections.`);
