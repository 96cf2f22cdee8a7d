import { describe, expect, it } from 'vitest';
import {
  aClient,
  aContext,
  aDone,
  answering,
  aText,
  bodyOf,
  doneOf,
  lines,
  LINES,
  read,
  readBody,
  REQUEST,
  textIn,
} from './support.ts';

const JSON_TYPE = { 'content-type': 'application/json; charset=utf-8' };

describe('a refusal', () => {
  it.each([
    [400, 'invalid options: temperature', 'bad-request', false],
    [400, 'registry.ollama.ai/library/x does not support tools', 'bad-request', false],
    [401, 'unauthorized', 'auth', false],
    [404, "model 'x' not found", 'not-found', false],
    [429, 'too many requests', 'rate-limit', true],
    [500, 'llama runner process has terminated', 'server', true],
    [503, 'server busy, please try again.  maximum pending requests exceeded', 'overloaded', true],
  ])('of %i (%s) is %s', async (status, error, kind, retryable) => {
    const { chunks, thrown } = await readBody([JSON.stringify({ error })], {
      status,
      headers: JSON_TYPE,
    });

    expect(chunks).toEqual([]);
    expect(thrown).toMatchObject({ name: 'ProviderError', kind, status, retryable });
    expect((thrown as Error).message).toBe(`ollama answered ${status}: ${error}`);
  });

  it('of a proxy, that is an HTML page, is one', async () => {
    const { thrown } = await readBody(['<html>Bad gateway</html>'], { status: 502 });

    expect(thrown).toMatchObject({ kind: 'server', message: 'ollama answered 502: an HTML page' });
  });
});

describe('an answer with 200', () => {
  it('may be one JSON body with the whole answer, or with an error', async () => {
    const whole = aDone({ message: { role: 'assistant', content: 'Hi' } });

    const all = await readBody([JSON.stringify(whole)], { headers: JSON_TYPE });
    const failed = await readBody(['{"error":"model runner stopped"}'], { headers: JSON_TYPE });

    expect(textIn(all.chunks)).toBe('Hi');
    expect(doneOf(all).finish.reason).toBe('stop');
    expect(failed.thrown).toMatchObject({ kind: 'server' });
  });

  it('may leave out the last line end', async () => {
    const text = `${lines(aText('Hi'))}${JSON.stringify(aDone())}`;

    expect(doneOf(await readBody([text])).finish.reason).toBe('stop');
  });

  it('with a line without an end is refused before it fills the memory', async () => {
    const endless = new ReadableStream<Uint8Array>({
      pull: (controller) => controller.enqueue(new Uint8Array(65_536).fill(120)),
    });
    const client = aClient({ fetch: () => Promise.resolve(new Response(endless, LINES)) });

    expect((await read(client.stream(REQUEST, aContext()))).thrown).toMatchObject({
      kind: 'malformed',
    });
  });

  it('cancels its body after the line that is done, since a proxy may keep it open', async () => {
    let isCancelled = false;
    const lingering = new ReadableStream<Uint8Array>({
      start: (controller) => controller.enqueue(new TextEncoder().encode(lines(aDone()))),
      cancel: () => {
        isCancelled = true;
      },
    });
    const client = aClient({ fetch: () => Promise.resolve(new Response(lingering, LINES)) });

    expect(doneOf(await read(client.stream(REQUEST, aContext()))).finish.reason).toBe('stop');
    expect(isCancelled).toBe(true);
  });

  it('hands out what came before a line that nobody can read', async () => {
    const { chunks, thrown } = await readBody([lines(aText('Hi'), '{"model":"')]);

    expect(textIn(chunks)).toBe('Hi');
    expect(thrown).toMatchObject({ kind: 'malformed' });
  });

  it('that is an HTML page is malformed', async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };

    expect((await readBody(['<html></html>'], { headers })).thrown).toMatchObject({
      kind: 'malformed',
    });
  });

  it('tells the id that a proxy gave the request, and no limits: there are none', async () => {
    const metas: unknown[] = [];
    const headers = { ...LINES.headers, 'x-request-id': 'req_7' };
    const client = aClient({ fetch: answering([lines(aText('Hi'), aDone())], { headers }) });

    await read(client.stream(REQUEST, aContext({ onMeta: (meta) => metas.push(meta) })));

    expect(metas).toEqual([{ status: 200, requestId: 'req_7' }]);
  });

  it('estimates the prompt that the server had cached from the request', async () => {
    const client = aClient({
      fetch: () =>
        Promise.resolve(new Response(bodyOf([lines(aDone({ prompt_eval_count: null }))]), LINES)),
    });

    const { usage } = doneOf(await read(client.stream(REQUEST, aContext())));

    expect(usage.estimated).toBe(true);
    expect(usage.input.total).toBeGreaterThan(3);
  });
});
