import { describe, expect, it } from 'vitest';
import {
  anEcho,
  aRunningGateway,
  openSocket,
  post,
  type RunningGateway,
  until,
} from './a-gateway.ts';

const SLOW = (): ReturnType<typeof anEcho> => anEcho(60, 200);

describe('the events of a session, over real connections', () => {
  it('go on behind Last-Event-ID when the connection was cut in the middle of a reply, nothing twice', async () => {
    await using running = await aRunningGateway({ model: SLOW() });
    const { server } = running;
    const { session, event } = await beginSession(running);

    const first = await follow(server.url, session, { 'last-event-id': event });
    await until(() => first.ids().length >= 5);
    first.cut();
    const seen = first.ids();
    const second = await follow(server.url, session, { 'last-event-id': seen.at(-1) ?? '' });
    await until(() => second.names().includes('response'));

    const ids = [...seen, ...second.ids()];
    expect(new Set(ids).size).toBe(ids.length);
    expect(first.names()).not.toContain('response');
    const { message } = second.last() as { message: string };
    expect(message).toBe(`You said hello${'.'.repeat(59)}`);
    expect(message).toContain(first.text() + second.text()); // all that was missed is in the whole text
    second.cut();
    await until(() => running.gateway.stats().streams === 0);
  });

  it('say goodbye when the server stops, and refuse nothing before', async () => {
    await using running = await aRunningGateway();
    const { engine, server } = running;
    const { session } = await beginSession(running);
    const stream = await follow(server.url, session, {});

    await engine.stop();
    await server.close();

    await until(stream.isOver);
    expect(stream.names().at(-1)).toBe('goodbye');
    expect(stream.last()).toEqual({ reason: 'stopping' });
  });
});

describe('a WebSocket that resumes, over real connections', () => {
  it('is given the rest of the reply after it was cut in the middle', async () => {
    await using running = await aRunningGateway({ model: SLOW() });
    const first = await openSocket(running.server);
    first.say({ type: 'resume' });
    const { session } = await first.until(({ type }) => type === 'resumed');
    first.say({ type: 'chat', id: 'a', message: 'hello' });
    await until(() => first.frames.filter(({ type }) => type === 'text_delta').length >= 5);
    const after = first.frames.at(-1)?.['event'];

    first.socket.terminate();
    await first.closed;
    const second = await openSocket(running.server);
    second.say({ type: 'resume', session, after });
    const response = await second.until(({ type }) => type === 'response');

    expect(response).toMatchObject({ id: 'a', message: `You said hello${'.'.repeat(59)}` });
    expect(second.frames.map(({ type }) => type)).not.toContain('gap');
    expect(running.model.journal.asked).toBe(1);
    const events = [...first.frames, ...second.frames]
      .filter(({ type }) => type !== 'resumed')
      .map((frame) => frame['event']);
    expect(new Set(events).size).toBe(events.length);
    second.socket.close();
  });
});

async function beginSession({
  server,
}: RunningGateway): Promise<{ readonly session: string; readonly event: string }> {
  const headers = { prefer: 'respond-async' };
  const response = await post(server.url, { message: 'hello' }, { headers });
  return (await response.json()) as { session: string; event: string };
}

/** Follows a session by fetch, until it is cut. */
async function follow(url: string, session: string, headers: Record<string, string>) {
  const cutting = new AbortController();
  const response = await fetch(`${url}/api/sessions/${session}/events`, {
    headers,
    signal: cutting.signal,
  });
  let text = '';
  let isOver = false;
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    for await (const bytes of response.body as ReadableStream<Uint8Array>) {
      text += decoder.decode(bytes, { stream: true });
    }
  };
  const over = (): void => {
    isOver = true;
  };
  void read().then(over, over);
  const events = (): { id: string; name: string; data: Record<string, unknown> }[] =>
    text.split('\n\n').flatMap((block) => {
      const name = /^event: (.+)$/m.exec(block)?.[1];
      const data = /^data: (.+)$/m.exec(block)?.[1];
      if (name === undefined || data === undefined) return [];
      const id = /^id: (.+)$/m.exec(block)?.[1] ?? '';
      return [{ id, name, data: JSON.parse(data) as Record<string, unknown> }];
    });
  return {
    cut: () => cutting.abort(),
    isOver: () => isOver,
    ids: () => events().map(({ id }) => id),
    names: () => events().map(({ name }) => name),
    last: () => events().at(-1)?.data,
    text: () =>
      events()
        .map(({ data }) => (data['content'] as string | undefined) ?? '')
        .join(''),
  };
}
