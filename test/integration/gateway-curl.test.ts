import { describe, expect, it } from 'vitest';
import { aRunningGateway, post } from './a-gateway.ts';

describe('a gateway that is asked as the README shows', () => {
  it('answers with the message, its session and what it used', async () => {
    await using running = await aRunningGateway();

    const response = await post(running.server.url, { message: 'hi' });

    const answer = (await response.json()) as { usage: Record<string, number> };
    expect(response.headers.get('content-type')).toContain('application/json');
    expect(answer).toEqual({
      message: 'You said hi..',
      session: expect.stringMatching(/^[\w-]{20,}$/) as unknown,
      usage: {
        input_tokens: expect.any(Number) as unknown,
        output_tokens: expect.any(Number) as unknown,
        total_tokens: expect.any(Number) as unknown,
      },
    });
    const { input_tokens: input = 0, output_tokens: output = 0 } = answer.usage;
    expect(output).toBeGreaterThan(0);
    expect(answer.usage['total_tokens']).toBe(input + output);
  });

  it('streams events that each have an id, the whole answer last, when that is accepted', async () => {
    await using running = await aRunningGateway();

    const response = await post(
      running.server.url,
      { message: 'hi' },
      { headers: { accept: 'text/event-stream' } },
    );

    const text = await response.text();
    const frames = text.split('\n\n').filter((frame) => frame.includes('event: '));
    const names = frames.map((frame) => /^event: (.+)$/m.exec(frame)?.[1]);
    expect(response.headers.get('content-type')).toContain('text/event-stream');
    expect(names).toContain('text_delta');
    expect(names.at(-1)).toBe('response');
    expect(frames.every((frame) => /^id: .+$/m.test(frame))).toBe(true);
  });
});
