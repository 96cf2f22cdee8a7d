import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createMockServer } from '@sluice/adapters/mock-server';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('the chat at the terminal', () => {
  it('answers each line in turn, keeps the thread, and ends with its input', async () => {
    await using model = createMockServer({
      script: ({ text }) => ({ text: ['You ', `said ${text}`] }),
    });
    const { url } = await model.listen();
    const chat = aChat({
      OPENAI_API_KEY: 'none-needed',
      OPENAI_BASE_URL: url,
      OPENAI_MODEL: 'any',
    });

    chat.process.stdin.end('hello\n\nand again\n');

    expect(await chat.ended).toBe(0);
    expect(chat.out()).toBe('> You said hello\nYou said and again\n> \n');
    expect(model.journal.questions.at(-1)?.messages.map(({ role }) => role)).toEqual([
      'system',
      'user',
      'assistant',
      'user',
    ]);
  });

  it('speaks with the built-in mock without a key, and ends at Ctrl+C', async () => {
    const chat = aChat({});
    chat.process.stdin.write('What is a sluice?\n');
    await chat.until(() => chat.out().endsWith('\n> '));

    chat.process.kill('SIGINT');

    expect(await chat.ended).toBe(0);
    expect(chat.out().length).toBeGreaterThan(40);
    expect(chat.err()).toBe('Speaking with mock. Ctrl+D ends the chat.\n');
  });

  it('says that something went wrong, and goes on, when the model does not answer', async () => {
    await using model = createMockServer({
      script: ({ number }) =>
        number === 1
          ? { fault: { kind: 'status', status: 400, message: 'secret detail' } }
          : { text: 'Here' },
    });
    const { url } = await model.listen();
    const chat = aChat({
      OPENAI_API_KEY: 'none-needed',
      OPENAI_BASE_URL: url,
      OPENAI_MODEL: 'any',
    });

    chat.process.stdin.end('hello\nhello?\n');

    expect(await chat.ended).toBe(0);
    expect(chat.out()).toMatch(/^> ! .+\nHere\n> \n$/);
    expect(`${chat.out()}${chat.err()}`).not.toContain('secret');
  });
});

interface Chat {
  readonly process: ChildProcessWithoutNullStreams;
  readonly out: () => string;
  readonly err: () => string;
  /** The exit code, once it has ended. */
  readonly ended: Promise<unknown>;
  /** Resolves once `isMet` holds for what was written. */
  readonly until: (isMet: () => boolean) => Promise<void>;
}

function aChat(env: Record<string, string>): Chat {
  const child = spawn(process.execPath, ['demo/main.ts', '--terminal'], {
    cwd: root,
    env: { PATH: process.env['PATH'], ...env },
  });
  let out = '';
  let err = '';
  const wakes = new Set<() => void>();
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    for (const wake of wakes) wake();
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return {
    process: child,
    out: () => out,
    err: () => err,
    ended: once(child, 'close').then(([code]: unknown[]) => code),
    until: async (isMet) => {
      while (!isMet()) await new Promise<void>((resolve) => wakes.add(resolve));
    },
  };
}
