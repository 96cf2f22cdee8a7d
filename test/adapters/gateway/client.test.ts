import { createGatewayClient, GatewayError, type ServerFrame } from '@sluice/adapters/gateway';
import { describe, expect, it } from 'vitest';

describe('the address of a gateway', () => {
  it('is needed where there is no page, and must be one', () => {
    const problemOf = (url: string | undefined): string => {
      try {
        createGatewayClient({ url });
        return 'none';
      } catch (error) {
        return error instanceof TypeError ? error.message : 'another error';
      }
    };

    const problems = [undefined, '127.0.0.1:4317', 'ftp://secret', 'http://', 'http://x'].map(
      problemOf,
    );

    const absolute = 'url must be an absolute http: or https: address';
    const needed = 'url is needed where there is no page, such as http://127.0.0.1:4317';
    expect(problems).toEqual([needed, absolute, absolute, absolute, 'none']);
  });

  it('may end with a slash, have a path, or be left to a fetch of the host', async () => {
    const urls = ['http://a.example/', 'https://a.example/bots', undefined];

    const asked = await Promise.all(urls.map(addressAsked));

    expect(asked).toEqual([
      'http://a.example/api/chat',
      'https://a.example/bots/api/chat',
      '/api/chat',
    ]);
  });
});

describe('a reply', () => {
  it('with a frame that is no JSON is a network failure that quotes none of it', async () => {
    const body = 'event: text_delta\ndata: {"content":"my sec\n\n';
    const headers = { 'content-type': 'text/event-stream' };
    const fetch = (): Promise<Response> => Promise.resolve(new Response(body, { headers }));
    const client = createGatewayClient({ url: 'http://a.example', fetch });

    const error: unknown = await framesOf(client.stream('hello')).catch(
      (thrown: unknown) => thrown,
    );

    expect(error).toBeInstanceOf(GatewayError);
    expect(error).toMatchObject({
      wireCode: 'network',
      message: 'The gateway sent no JSON',
    });
  });
});

async function addressAsked(url: string | undefined): Promise<string> {
  const asked: unknown[] = [];
  const fetch = (address: unknown): Promise<Response> => {
    asked.push(address);
    return Promise.resolve(Response.json({ message: 'hi', session: 's' }));
  };
  await createGatewayClient({ url, fetch }).ask('hello');
  return String(asked);
}

async function framesOf(reply: AsyncIterable<ServerFrame>): Promise<readonly ServerFrame[]> {
  const frames: ServerFrame[] = [];
  for await (const frame of reply) frames.push(frame);
  return frames;
}
