import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { fileURLToPath } from 'node:url';
import { createMockServer, type MockServer, type ScriptSource } from '@sluice/adapters/mock-server';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('../../', import.meta.url));
const KEY = 'sk-demo-0123456789abcdef';

describe('the demo that is asked one question', () => {
  it('prints the answer of the built-in mock, then one line of JSON, and ends', async () => {
    const { code, out, err } = await demo(['--ask', 'What is a sluice?']);

    expect(err).toBe('Asking mock …\n');
    expect(code).toBe(0);
    const { answer, report } = parsed(out);
    expect(answer.trim()).not.toBe('');
    expect(report).toEqual({
      runId: expect.stringMatching(/./) as unknown,
      provider: 'mock',
      model: 'mock-1',
      waitMs: expect.any(Number) as unknown,
      firstTokenMs: expect.any(Number) as unknown,
      totalMs: expect.any(Number) as unknown,
      usage: expect.objectContaining({ output: expect.anything() as unknown }) as unknown,
    });
  });

  it('prints just what a server that speaks the wire of OpenAI says', async () => {
    await using model = createMockServer({
      apiKey: KEY,
      script: { text: ['Ein', ' Schütz', ' ✓'] },
    });

    const { code, out, err } = await demo(['--ask', 'hello'], await envOf(model));

    expect(code).toBe(0);
    const { answer, report } = parsed(out);
    expect(answer).toBe('Ein Schütz ✓');
    expect(report).toMatchObject({ provider: 'openai', model: 'any-model' });
    expect(model.journal.questions.map(({ text, model: name }) => [text, name])).toEqual([
      ['hello', 'any-model'],
    ]);
    expect(`${out}${err}`).not.toContain(KEY);
  });

  it.each([
    ['anthropic', 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL', 'ANTHROPIC_MODEL'],
    ['gemini', 'GEMINI_API_KEY', 'GEMINI_BASE_URL', 'GEMINI_MODEL'],
    ['ollama', 'OLLAMA_API_KEY', 'OLLAMA_BASE_URL', 'OLLAMA_MODEL'],
  ] as const)('asks %s when it is set', async (name, key, baseUrl, model) => {
    await using server = aModel({ text: ['By its', ' own wire'] });
    const { urls } = await server.listen();

    const env = { [key]: KEY, [baseUrl]: urls[name] ?? '', [model]: 'any-model' };
    const { code, out, err } = await demo(['--ask', 'hello'], env);

    expect(code).toBe(0);
    const { answer, report } = parsed(out);
    expect(answer).toBe('By its own wire');
    expect(report).toMatchObject({ provider: name, model: 'any-model' });
    expect(`${out}${err}`).not.toContain(KEY);
  });

  it.each([
    ['openai', 'OPENAI_API_KEY', 'OPENAI_BASE_URL'],
    ['anthropic', 'ANTHROPIC_API_KEY', 'ANTHROPIC_BASE_URL'],
    ['gemini', 'GEMINI_API_KEY', 'GEMINI_BASE_URL'],
  ] as const)('needs no more than a key to ask %s', async (name, key, baseUrl) => {
    await using server = aModel({ text: 'By a key alone' });
    const { urls } = await server.listen();

    const env = { [key]: KEY, [baseUrl]: urls[name] ?? '' };
    const { code, out } = await demo(['--ask', 'hello'], env);

    expect(code).toBe(0);
    expect(parsed(out).answer).toBe('By a key alone');
  });

  it('says clearly that nobody listens there', async () => {
    const port = await freePort();

    const { code, out, err } = await demo(['--ask', 'hello'], envAt(`http://127.0.0.1:${port}/v1`));

    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain('(PROVIDER_NETWORK)');
    expect(err).toContain('ECONNREFUSED');
    expect(`${out}${err}`).not.toContain(KEY);
  });

  it('says clearly that the server died in the middle of the answer', async () => {
    await using model = aModel({ text: words(200) }, 20);
    const env = await envOf(model);
    const asking = demo(['--ask', 'hello'], env, (text) => {
      if (text.includes('word 3 ')) void model.close(); // as if it was killed: its sockets break
    });

    const { code, out, err } = await asking;

    expect(code).toBe(1);
    expect(out).toContain('word 3 ');
    expect(out).not.toContain('"runId"');
    expect(err).toMatch(/\(PROVIDER_(?:NETWORK|TRUNCATED)\)/);
  });

  it('says clearly that no answer begins in time', async () => {
    await using model = aModel({ fault: { kind: 'hang' } });

    const { code, out, err } = await demo(
      ['--ask', 'hello', '--first-byte-ms', '300'],
      await envOf(model),
    );

    expect(code).toBe(1);
    expect(out).toBe('');
    expect(err).toContain('(PROVIDER_FIRST_BYTE_TIMEOUT)');
    expect(err).toContain('300 ms');
  });

  it('says clearly that an answer does not go on', async () => {
    await using model = aModel({ text: words(5), fault: { kind: 'stall', afterEvents: 3 } });

    const { code, err } = await demo(['--ask', 'hello', '--idle-ms', '300'], await envOf(model));

    expect(code).toBe(1);
    expect(err).toContain('(PROVIDER_IDLE_TIMEOUT)');
    expect(err).toContain('300 ms');
  });

  it('says clearly that the key is wrong, and does not print it', async () => {
    await using model = createMockServer({ apiKey: 'another' });

    const { code, out, err } = await demo(['--ask', 'hello'], await envOf(model));

    expect(code).toBe(1);
    expect(err).toContain('(PROVIDER_AUTH)');
    expect(`${out}${err}`).not.toContain(KEY);
  });
});

describe('the command line of the demo', () => {
  it('shows its options on request', async () => {
    const { code, out, err } = await demo(['--help']);

    expect({ code, err }).toEqual({ code: 0, err: '' });
    for (const option of ['--ask', '--port', '--load', '--first-byte-ms', '--idle-ms']) {
      expect(out).toContain(option);
    }
  });

  it.each([
    [['--aks', 'hello'], '--aks'],
    [['--ask'], '--ask'],
    [['--port', 'eighty'], '--port must be a whole number from 0 to 65535, not "eighty"'],
    [['--ask', 'hello', '--first-byte-ms', '0'], '--first-byte-ms'],
    [['--load', '201'], '--load'],
    [['stray'], 'stray'],
  ])('refuses %j with a hint', async (args, hint) => {
    const { code, out, err } = await demo(args);

    expect({ code, out }).toEqual({ code: 2, out: '' });
    expect(err).toContain(hint);
    expect(err).toContain('--help');
  });
});

interface Ended {
  readonly code: number | null;
  readonly out: string;
  readonly err: string;
}

/** Runs the demo as a user would, without the environment of this process. `onOut` sees the output as it grows. */
function demo(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  onOut: (text: string) => void = () => undefined,
): Promise<Ended> {
  const child = spawn(process.execPath, ['demo/main.ts', ...args], {
    cwd: root,
    env,
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: 20_000, // a hang is a failure: the code is then null
  });
  let out = '';
  let err = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    out += text;
    onOut(out);
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    err += text;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve({ code, out, err }));
  });
}

function parsed(out: string): { readonly answer: string; readonly report: unknown } {
  const lines = out.trimEnd().split('\n');
  return { answer: lines.slice(0, -1).join('\n'), report: JSON.parse(lines.at(-1) ?? '') };
}

function aModel(script: ScriptSource, tokensPerSecond?: number): MockServer {
  return createMockServer({ script, physics: { tokensPerSecond } });
}

function words(count: number): readonly string[] {
  return Array.from({ length: count }, (_, at) => `word ${at} `);
}

async function envOf(model: MockServer): Promise<Record<string, string>> {
  const { url } = await model.listen();
  return envAt(url);
}

function envAt(url: string): Record<string, string> {
  return { OPENAI_API_KEY: KEY, OPENAI_BASE_URL: url, OPENAI_MODEL: 'any-model' };
}

/** A port on which nobody listens: it was free a moment ago. */
function freePort(): Promise<number> {
  const server = createServer();
  return new Promise((resolve) => {
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : 0;
      server.close(() => resolve(port));
    });
  });
}
