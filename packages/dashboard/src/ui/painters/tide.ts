import type { Feed } from '../../state/feed.ts';
import type { Stretch } from '../../view/pool-row.svelte.ts';
import { wholeAge } from '../../view/format.ts';
import { TIDE_SPAN_MS, tideMarks } from '../../view/tide.ts';
import { drawGap } from './ribbon.ts';
import { type Box, triangle } from './shapes.ts';
import type { Surface } from './surface.ts';

/** How high the greatest demand stands, as a share of the line's height. */
const HIGHEST = 0.65;

/** Draws all recorded time: demand, restarts and failures, gaps, the shown window and the shown moment. */
export function drawTide(
  surface: Surface,
  feed: Feed,
  shown: Stretch & { readonly at: number },
): void {
  const { context, width, height, palette } = surface;
  const end = feed.fold.at;
  const place = (at: number): number => (1 - (end - at) / TIDE_SPAN_MS) * width;
  drawDemandArea(surface, feed);
  for (const gap of feed.fold.gaps.all) {
    const x = Math.max(0, place(gap.from));
    const box = { x, y: 0, width: Math.max(2, place(gap.to) - x), height };
    drawGap(surface, box);
    drawSize(surface, box, wholeAge(gap.to - gap.from));
  }
  const left = Math.max(0, place(shown.from * 1000));
  const head = Math.min(width - 2, Math.max(0, place(shown.at) - 1));
  context.fillStyle = palette.water;
  context.globalAlpha = 0.18;
  context.fillRect(left, 0, head - left, height);
  context.globalAlpha = 1;
  context.fillRect(left, 0, 1, height);
  for (const { at, look } of tideMarks(feed)) {
    context.fillStyle = { restart: palette.text, hand: palette.hand, failed: palette.alarm }[look];
    if (at > end - TIDE_SPAN_MS) triangle(context, place(at), 0);
  }
  context.fillStyle = palette.text;
  context.fillRect(head, 0, 2, height);
}

/** Says how long a gap is, where there is room for it. */
function drawSize({ context, palette }: Surface, box: Box, text: string): void {
  context.font = palette.labelFont;
  const width = context.measureText(text).width + 6;
  if (width + 4 > box.width) return;
  const left = box.x + (box.width - width) / 2;
  context.fillStyle = palette.surface;
  context.fillRect(left, box.height / 2 - 8, width, 16);
  context.fillStyle = palette['text-2'];
  context.textAlign = 'left';
  context.fillText(text, left + 3, box.height / 2 + 4);
}

function drawDemandArea({ context, width, height, palette }: Surface, { fold }: Feed): void {
  const to = Math.floor(fold.at / 1000);
  const seconds = TIDE_SPAN_MS / 1000;
  const peak = Math.max(1, fold.demand.peak(to - seconds, to));
  let isDrawing = false;
  context.fillStyle = palette['water-soft'];
  context.beginPath();
  for (let second = to - seconds; second <= to; second += 1) {
    const demand = fold.demand.read(second);
    const x = ((second - to + seconds) / seconds) * width;
    if (!Number.isNaN(demand)) {
      if (!isDrawing) context.moveTo(x, height);
      context.lineTo(x, height - (demand / peak) * HIGHEST * height);
      isDrawing = true;
    } else if (isDrawing && second < to) {
      context.lineTo(x, height);
      isDrawing = false;
    }
  }
  if (isDrawing) context.lineTo(width, height);
  context.fill();
}
