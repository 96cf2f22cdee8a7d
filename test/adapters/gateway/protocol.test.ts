import { describe, expect, it } from 'vitest';
import {
  parseChatRequest,
  parseClientFrame,
} from '../../../packages/adapters/src/gateway/protocol.ts';

describe('a frame of a client', () => {
  it.each([
    [{ type: 'ping' }, { type: 'ping' }],
    [
      { type: 'chat', message: 'hi' },
      { type: 'chat', message: 'hi' },
    ],
    [
      { type: 'chat', message: 'hi', session: 's', id: 'a' },
      { type: 'chat', message: 'hi', session: 's', id: 'a' },
    ],
    [
      { type: 'chat', message: 'hi', session: null, namespace: null, model: null, agent: null },
      { type: 'chat', message: 'hi' },
    ],
    [{ type: 'resume' }, { type: 'resume' }],
    [
      { type: 'resume', session: 's', after: 'a-1' },
      { type: 'resume', session: 's', after: 'a-1' },
    ],
    [
      { type: 'cancel', id: 'a' },
      { type: 'cancel', id: 'a' },
    ],
  ])('%j is read', (frame, value) => {
    expect(parseClientFrame(frame)).toEqual({ ok: true, value });
  });

  it.each([
    [null, 'object'],
    [['chat'], 'object'],
    [{ type: 'response' }, '"type"'],
    [{ type: 'chat' }, '"message"'],
    [{ type: 'chat', message: ' \n' }, '"message"'],
    [{ type: 'chat', message: 'x', id: 'a b' }, '"id"'],
    [{ type: 'chat', message: 'x', id: 'a'.repeat(65) }, '"id"'],
    [{ type: 'chat', message: 'x', session: '../etc' }, '"session"'],
    [{ type: 'chat', message: 'x', model: 'dear' }, 'Unknown field'],
    [{ type: 'resume', after: 7 }, '"after"'],
    [{ type: 'resume', message: 'x' }, 'Unknown field'],
    [{ type: 'cancel' }, '"id"'],
  ])('%j is refused, and the reason names what is wrong', (frame, reason) => {
    const parsed = parseClientFrame(frame);

    expect(parsed.ok ? '' : parsed.error).toContain(reason);
  });
});

describe('the body of a message', () => {
  it('knows no type', () => {
    expect(parseChatRequest({ message: 'hi', type: 'chat' })).toMatchObject({ ok: false });
    expect(parseChatRequest({ message: 'hi', id: 'a' })).toEqual({
      ok: true,
      value: { message: 'hi', id: 'a' },
    });
  });
});
