import type { ChannelStatus } from '@sluice/core/events';
import { expect, it } from 'vitest';
import { localSource } from '../../../packages/dashboard/src/sources/local.ts';
import { anEngineOfChannels, isGivenUp, moves } from '../../support/channel-life.ts';
import { show, type Shown, until } from './page.ts';

const MINUTE = 60_000;
const STATES: readonly ChannelStatus[] = [
  'running',
  'connecting',
  'backoff',
  'paused',
  'standby',
  'handover',
  'draining',
  'failed',
  'stopped',
];

it('draws every state of a channel so that it can be told from all others, without colour', async () => {
  const engine = anEngineOfChannels(STATES, Date.now() - 10 * MINUTE);
  for (const state of STATES) engine.tell(moves(state, ['running', state]));
  engine.advance(10 * MINUTE);

  const shown = await show(localSource(engine));
  await until('all are painted', () => ribbons(shown).length === STATES.length);
  await until('all are painted', () => ribbons(shown).every((ribbon) => shapeOf(ribbon) !== ''));

  const shapes = ribbons(shown).map(shapeOf);
  expect(new Set(shapes).size).toBe(STATES.length);
});

it('draws ‖ in the middle of a pause, and a tick below the line where a message was given up', async () => {
  const engine = anEngineOfChannels(['paused', 'lossy', 'plain'], Date.now() - 10 * MINUTE);
  engine.tell(moves('paused', ['running', 'paused'], { cause: 'pause', by: 'hand' }));
  engine.advance(10 * MINUTE);

  const shown = await show(localSource(engine));
  await until('all are painted', () => ribbons(shown).length === 3);
  await until('all are painted', () => ribbons(shown).every((ribbon) => shapeOf(ribbon) !== ''));
  engine.tell(isGivenUp('lossy', 'm'));
  const count = (): string | null =>
    shown.part('.channel:nth-child(2) .channel-number b').textContent;
  await until('it is counted', () => count() === '✕ 1');

  const [paused, lossy, plain] = ribbons(shown);
  const above = { from: 0.45, to: 0.55, y: 5 };
  expect(inkAt(paused, above)).toBeGreaterThan(3);
  expect(inkAt(plain, above)).toBe(0);
  const below = { from: 0.9, to: 1, y: 17 };
  expect(inkAt(lossy, below)).toBeGreaterThan(0);
  expect(inkAt(plain, below)).toBe(0);
  const label = shown.part('.channel:nth-child(2) [role=img]').getAttribute('aria-label');
  expect(label).toContain('1 message given up');
});

function ribbons({ root }: Shown): readonly HTMLCanvasElement[] {
  return [...root.querySelectorAll<HTMLCanvasElement>('.ribbon canvas')];
}

/** Which pixels of a piece in the middle are painted, colours aside; empty while nothing is. */
function shapeOf(canvas: HTMLCanvasElement): string {
  const width = 40;
  if (canvas.width < width) return '';
  const context = canvas.getContext('2d');
  const data = context?.getImageData(canvas.width * 0.3, 0, width, canvas.height).data ?? [];
  const ink = Array.from({ length: data.length / 4 }, (_, i) => brightness(data, i * 4));
  return ink.every((value) => value === -1) ? '' : ink.map(rounded).join('');
}

function brightness(data: ArrayLike<number>, at: number): number {
  if ((data[at + 3] ?? 0) < 128) return -1;
  return ((data[at] ?? 0) + (data[at + 1] ?? 0) + (data[at + 2] ?? 0)) / 3;
}

/** Clear, dark, middling or light: as much as a grey print shows. */
function rounded(value: number): string {
  if (value < 0) return ' ';
  if (value < 110) return '#';
  return value < 190 ? '+' : '.';
}

interface Piece {
  /** Shares of the width. */
  readonly from: number;
  readonly to: number;
  /** In pixels from the top. */
  readonly y: number;
}

/** Counts the painted pixels of a piece of a row. */
function inkAt(canvas: HTMLCanvasElement | undefined, { from, to, y }: Piece): number {
  if (canvas === undefined) throw new Error('There is no such ribbon');
  const left = Math.round(from * canvas.width);
  const width = Math.round(to * canvas.width) - left;
  const data = canvas.getContext('2d')?.getImageData(left, y, width, 1).data ?? [];
  return Array.from({ length: width }, (_, i) => data[i * 4 + 3] ?? 0).filter((a) => a > 0).length;
}
