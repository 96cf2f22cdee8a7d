import { expect, it } from 'vitest';
import type {
  DashboardSource,
  SourceMessage,
} from '../../../packages/dashboard/src/sources/source.ts';
import { anEmptyEngine } from '../../support/engine-life.ts';
import { show, type Shown, until } from './page.ts';

const MINUTE = 60_000;

it('hatches a stretch of which nothing is known, on the ribbon and on the tide, and says so in words', async () => {
  const now = Date.now();

  const shown = await show(remembers(now, [{ type: 'gap', lost: 12 }]));
  await isDrawn(shown);

  const ribbon = columns(shown, '.ribbon canvas');
  expect(ribbon.at(0.5).looks).toBe('hatched');
  expect(ribbon.at(0.1).looks).toBe('plain');
  expect(ribbon.at(0.9).looks).toBe('plain');
  const tide = columns(shown, '.tide-line canvas');
  expect(tide.at(1 - 2.5 / 20).looks).toBe('hatched'); // 2 to 3 of the 20 minutes ago
  expect(tide.at(1 - 4 / 20).looks).toBe('plain');
  const words = /no data from \d\d:\d\d:\d\d to \d\d:\d\d:\d\d/;
  expect(shown.part('.ribbon [role=img]').getAttribute('aria-label')).toMatch(words);
  expect(shown.part('.tide-line').getAttribute('aria-label')).toMatch(words);
});

it('draws no hatching, and says nothing of missing data, where the record is whole', async () => {
  const now = Date.now();

  const shown = await show(remembers(now, []));
  await isDrawn(shown);

  for (const place of [0.1, 0.5, 0.9]) {
    expect(columns(shown, '.ribbon canvas').at(place).looks).toBe('plain');
  }
  expect(columns(shown, '.tide-line canvas').at(1 - 2.5 / 20).looks).toBe('plain');
  expect(shown.part('.ribbon [role=img]').getAttribute('aria-label')).not.toContain('no data');
  expect(shown.part('.tide-line').getAttribute('aria-label')).not.toContain('no data');
});

/** A source that tells what was until 3 minutes ago, then `between`, then what was since 2 minutes ago. */
function remembers(now: number, between: readonly SourceMessage[]): DashboardSource {
  const startedAt = now - 60 * MINUTE;
  const snapshotAt = (at: number): SourceMessage => ({
    type: 'snapshot',
    snapshot: anEmptyEngine({ at, startedAt, channels: [aChannel(startedAt)] }),
  });
  return {
    subscribe(next) {
      next({ type: 'status', status: { status: 'live' } });
      next(snapshotAt(now - 3 * MINUTE));
      for (const message of between) next(message);
      next(snapshotAt(now - 2 * MINUTE));
      next(snapshotAt(now));
      return { unsubscribe: () => undefined };
    },
  };
}

function aChannel(since: number) {
  return {
    channel: 'web',
    kind: 'websocket',
    state: 'running',
    since,
    generation: 1,
    attempt: 0,
    restartsInWindow: 0,
    restarts: [],
    metadata: {},
    received: 0,
    replied: 0,
    queued: 0,
    running: 0,
  } as const;
}

async function isDrawn(shown: Shown): Promise<void> {
  await until('the tide is there', () => shown.root.querySelector('.tide-line') !== null);
  await until('both are painted', () =>
    ['.ribbon canvas', '.tide-line canvas'].every((canvas) => isPainted(shown, canvas)),
  );
}

interface Column {
  readonly looks: 'hatched' | 'plain';
}

/** Reads what is painted, by the place along the width, 0 to 1. */
function columns(shown: Shown, selector: string): { at(share: number): Column } {
  const canvas = shown.part(selector) as HTMLCanvasElement;
  const colour = strongLine(shown);
  return {
    at(share) {
      const width = 24; // a hatching repeats each 7 px
      const x = Math.round(share * canvas.width) - width / 2;
      const context = canvas.getContext('2d');
      const middle = context?.getImageData(x, canvas.height / 2 - 1, width, 1).data ?? [];
      const isLine = Array.from({ length: width }, (_, i) =>
        isNear(middle.slice(i * 4, i * 4 + 4), colour),
      );
      const changes = isLine.filter((is, i) => i > 0 && is !== isLine[i - 1]).length;
      return { looks: changes >= 4 ? 'hatched' : 'plain' };
    },
  };
}

/** The colour of a hatching's lines, as a canvas has it. */
function strongLine({ part }: Shown): readonly number[] {
  const value = getComputedStyle(part('.sluice')).getPropertyValue('--sluice-line-strong').trim();
  return [1, 3, 5].map((from) => Number.parseInt(value.slice(from, from + 2), 16));
}

/** Lines at an angle have soft edges: half the line's colour over a light ground counts. */
function isNear(pixel: ArrayLike<number>, colour: readonly number[]): boolean {
  const distance = colour.reduce((sum, value, i) => sum + Math.abs(value - (pixel[i] ?? 0)), 0);
  return pixel[3] !== 0 && distance < 200;
}

function isPainted({ root }: Shown, selector: string): boolean {
  const canvas = root.querySelector<HTMLCanvasElement>(selector);
  if (canvas === null || canvas.width === 0) return false;
  const { width, height } = canvas;
  return canvas.getContext('2d')?.getImageData(0, 0, width, height).data.some(Boolean) ?? false;
}
