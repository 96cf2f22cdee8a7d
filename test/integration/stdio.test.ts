import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const child = fileURLToPath(new URL('../support/json-lines-child.ts', import.meta.url));

interface Frame {
  readonly type: string;
  readonly text?: string;
  readonly reason?: string;
}

it('answers the process that started it, however its lines are cut, and ends with its input', async () => {
  const running = spawn(process.execPath, [child], { stdio: ['pipe', 'pipe', 'pipe'] });
  const frames: Frame[] = [];
  createInterface(running.stdout).on('line', (line) => frames.push(JSON.parse(line) as Frame));
  let errors = '';
  running.stderr.setEncoding('utf8').on('data', (text: string) => {
    errors += text;
  });
  const texts = Array.from({ length: 500 }, (_, i) => `Zeile ${i} 🌊 mit\nUmbruch`);
  const lines = texts.map((text, i) => JSON.stringify({ type: 'message', id: `m${i}`, text }));
  const bytes = Buffer.from(`${lines.join('\n')}\nno frame\n`);

  for (let at = 0; at < bytes.length; at += 997) {
    const hasRoom = running.stdin.write(bytes.subarray(at, at + 997));
    if (!hasRoom) await once(running.stdin, 'drain');
  }
  running.stdin.end();
  const [code] = (await once(running, 'close')) as unknown[];

  expect({ code, errors }).toEqual({ code: 0, errors: '' });
  const finals = frames.filter(({ type }) => type === 'final').map(({ text }) => text);
  expect(finals).toEqual(texts.map((text) => `You said: ${text}`));
  expect(frames.filter(({ type }) => type === 'refused')).toEqual([
    { type: 'refused', reason: 'not-json' },
  ]);
});
