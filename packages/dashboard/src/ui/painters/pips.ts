import { mergePips, type Pip } from '../../view/pips.ts';
import { type Box, hatch, roundBox } from './shapes.ts';
import type { Surface } from './surface.ts';

/** How marks are laid out: their width, the space between them, and how many clients each stands for. */
export interface PipLayout {
  readonly width: number;
  readonly gap: number;
  readonly each: number;
}

/** Fits marks into a width: broad ones if they fit, else narrow ones, else each for several clients. */
export function pipLayout(count: number, width: number): PipLayout {
  if (count * 14 - 3 <= width && count <= 24) return { width: 11, gap: 3, each: 1 };
  const room = Math.max(1, Math.floor((width + 2) / 8));
  return { width: 6, gap: 2, each: Math.max(1, Math.ceil(count / room)) };
}

/** Draws the clients of a pool. */
export function drawPips(surface: Surface, pips: readonly Pip[]): void {
  const layout = pipLayout(pips.length, surface.width);
  mergePips(pips, layout.each).forEach((pip, index) => {
    const x = index * (layout.width + layout.gap);
    drawPip(surface, pip, { x, y: 0, width: layout.width, height: surface.height });
  });
}

function drawPip(surface: Surface, pip: Pip, box: Box): void {
  const { context, palette } = surface;
  const inner = { x: box.x + 0.5, y: box.y + 0.5, width: box.width - 1, height: box.height - 1 };
  context.lineWidth = 1;
  context.setLineDash(pip.kind === 'free' || pip.kind === 'creating' ? [3, 2] : []);
  if (pip.kind === 'use' || pip.kind === 'late') fillUsed(surface, pip, inner);
  if (pip.kind === 'leak') {
    roundBox(context, inner, 2.5);
    hatch(context, inner, { ground: palette['alarm-soft'], line: palette.alarm, widths: [3, 2] });
  }
  if (pip.kind === 'draining') fillHalf(surface, inner);
  roundBox(context, inner, 2.5);
  context.strokeStyle = borderOf(surface, pip);
  context.globalAlpha = pip.kind === 'free' ? 0.6 : 1;
  context.stroke();
  context.globalAlpha = 1;
  context.setLineDash([]);
  if (pip.kind === 'unhealthy') cross(surface, inner);
}

function fillUsed({ context, palette }: Surface, pip: Pip, box: Box): void {
  context.save();
  roundBox(context, box, 2.5);
  context.clip();
  context.fillStyle = palette['water-soft'];
  context.fillRect(box.x, box.y, box.width, box.height);
  context.fillStyle = palette.water;
  const height = box.height * pip.fill;
  context.fillRect(box.x, box.y + box.height - height, box.width, height);
  if (pip.kind === 'late') {
    context.fillStyle = palette.surface;
    context.fillRect(box.x, box.y, box.width, 5.5);
    context.fillStyle = palette.press;
    context.fillRect(box.x, box.y, box.width, 4.5);
  }
  context.restore();
}

/** Half full, cut diagonally: it goes on until its work is done. */
function fillHalf({ context, palette }: Surface, box: Box): void {
  context.save();
  roundBox(context, box, 2.5);
  context.clip();
  context.fillStyle = palette['water-soft'];
  context.beginPath();
  context.moveTo(box.x, box.y);
  context.lineTo(box.x + box.width, box.y + box.height);
  context.lineTo(box.x, box.y + box.height);
  context.fill();
  context.restore();
}

function cross({ context }: Surface, box: Box): void {
  const middle = box.y + box.height / 2;
  context.beginPath();
  context.moveTo(box.x + 2, middle - 3);
  context.lineTo(box.x + box.width - 2, middle + 3);
  context.moveTo(box.x + box.width - 2, middle - 3);
  context.lineTo(box.x + 2, middle + 3);
  context.stroke();
}

function borderOf({ palette }: Surface, { kind }: Pip): string {
  if (kind === 'leak') return palette.alarm;
  return kind === 'use' || kind === 'late' || kind === 'creating'
    ? palette.water
    : palette['line-strong'];
}
