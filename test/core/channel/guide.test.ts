import { readFileSync, writeFileSync } from 'node:fs';
import { transitionTable } from '@sluice/core';
import { channelContract, type ShownToPeer, VirtualClock } from '@sluice/core/testing';
import { describe, expect, it } from 'vitest';
import { type Line, lineChannel } from './line-channel.ts';

const read = (path: string) => readFileSync(new URL(path, import.meta.url), 'utf8');

const DIAGRAM = /```mermaid\n(.*?)```/s;

describe('the guide to supervision', () => {
  // `UPDATE_GUIDE=1 vitest run --project unit test/core/channel/guide.test.ts` draws it anew.
  it('draws the transitions that there are', () => {
    const url = new URL('../../../docs/guide/supervision.md', import.meta.url);
    const diagram = `stateDiagram-v2\n${arrows().join('\n')}\n`;
    if (process.env['UPDATE_GUIDE'] === '1') {
      const guide = readFileSync(url, 'utf8');
      writeFileSync(url, guide.replace(DIAGRAM, `\`\`\`mermaid\n${diagram}\`\`\``));
    }

    const [, drawn] = DIAGRAM.exec(readFileSync(url, 'utf8')) ?? [];

    expect(drawn).toBe(diagram);
  });
});

describe('the guide to writing a channel', () => {
  it('shows a channel that compiles and runs here', () => {
    const guide = read('../../../docs/guide/write-a-channel.md');

    const [, shown] = /```ts\n(import \{\n {2}type Channel,.*?)```/s.exec(guide) ?? [];

    expect(shown).toBe(read('line-channel.ts'));
  });

  it.each(channelContract)('shows a channel that $name', async ({ check }) => {
    const shown: ShownToPeer[] = [];
    const listeners = new Set<(text: string) => void>();
    const held: string[] = [];
    let hangUp = (): void => undefined;
    const line: Line = {
      onLine: (listener) => {
        listeners.add(listener);
        for (const text of held.splice(0)) listener(text);
      },
      offLine: (listener) => listeners.delete(listener),
      onEnd: (listener) => {
        hangUp = listener;
      },
      write: (text) => {
        const isError = text.startsWith('! ');
        shown.push({ kind: isError ? 'error' : 'final', text: isError ? text.slice(2) : text });
      },
      end: () => undefined,
    };

    await check({
      clock: new VirtualClock(),
      channel: lineChannel(async () => line),
      say: (text) => {
        if (listeners.size === 0) held.push(text);
        for (const listener of listeners) listener(text);
      },
      shown: async () => shown,
      hangUp: () => hangUp(),
    });
  });
});

/** One arrow for each pair of states, with everything that leads from the one to the other. */
function arrows(): string[] {
  const inputs = new Map<string, string[]>();
  for (const [from, outcomes] of Object.entries(transitionTable)) {
    for (const [on, targets] of Object.entries(outcomes)) {
      for (const to of targets) {
        const pair = `${from} --> ${to}`;
        inputs.set(pair, [...(inputs.get(pair) ?? []), on]);
      }
    }
  }
  return ['  [*] --> idle', ...Array.from(inputs, ([pair, on]) => `  ${pair}: ${on.join(', ')}`)];
}
