import { VirtualClock } from '@sluice/core/testing';
import { expect, it } from 'vitest';
import { Sessions } from '../../../packages/dashboard/src/server/sessions.ts';

const TOKEN = 'the-right-token-of-this-dashboard-';
const WRONG = ['', TOKEN.slice(1), `${TOKEN}x`, TOKEN.toUpperCase(), 'x'.repeat(1_000_000)];

it('gives whoever has the token a session of its own, with an id of 256 bits', async () => {
  const { sessions } = someSessions();

  const ids = [await sessions.begin(TOKEN, 'a'), await sessions.begin(TOKEN, 'a')];

  expect(new Set(ids).size).toBe(2);
  expect(ids[0]).toMatch(/^[\w-]{43}$/);
  expect(await admit(sessions, { sessionId: ids[0] as string })).toBe('admitted');
});

it.each(WRONG)('refuses the wrong token %#', async (token) => {
  const { sessions } = someSessions();

  expect(await sessions.begin(token, 'a')).toEqual({ kind: 'refused' });
  expect(await admit(sessions, { bearer: token })).toBe('refused');
});

it('refuses whoever shows nothing, and counts it as no try', async () => {
  const { sessions } = someSessions();

  for (let i = 0; i < 50; i += 1) expect(await admit(sessions, {})).toBe('refused');

  expect(await admit(sessions, { bearer: TOKEN })).toBe('admitted');
});

it('hears ten wrong tries a minute from an address, and then not even the right one', async () => {
  const { sessions, clock } = someSessions();
  for (let i = 0; i < 10; i += 1) await sessions.begin('wrong', 'a');

  expect(await sessions.begin(TOKEN, 'a')).toEqual({ kind: 'tooManyTries' });
  expect(await sessions.begin(TOKEN, 'b')).toBeTypeOf('string');
  await clock.advance(60_001);
  expect(await sessions.begin(TOKEN, 'a')).toBeTypeOf('string');
});

it('hears ten of a thousand wrong tries that are made at once', async () => {
  const { sessions } = someSessions();
  const tries = Array.from({ length: 1_000 }, () => sessions.begin('wrong', 'a'));

  const answers = await Promise.all(tries);

  expect(answers.filter((answer) => (answer as { kind: string }).kind === 'refused')).toHaveLength(
    10,
  );
});

it('lets a session go on while its address is barred', async () => {
  const { sessions } = someSessions();
  const sessionId = (await sessions.begin(TOKEN, 'a')) as string;
  for (let i = 0; i < 10; i += 1) await sessions.begin('wrong', 'a');

  expect(await admit(sessions, { sessionId })).toBe('admitted');
});

it('forgets the oldest session beyond 64', async () => {
  const { sessions } = someSessions();
  const first = (await sessions.begin(TOKEN, 'a')) as string;

  for (let i = 0; i < 64; i += 1) await sessions.begin(TOKEN, 'a');

  expect(await admit(sessions, { sessionId: first })).toBe('refused');
});

function someSessions() {
  const clock = new VirtualClock();
  return { clock, sessions: new Sessions(TOKEN, clock) };
}

async function admit(
  sessions: Sessions,
  { sessionId, bearer }: { readonly sessionId?: string; readonly bearer?: string },
): Promise<string> {
  return (await sessions.admit({ sessionId, bearer, address: 'a' })).kind;
}
