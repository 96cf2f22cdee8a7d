import type { ChannelStatus } from '@sluice/core/events';
import type { Gap } from '../../state/gaps.ts';
import type { Ribbon } from '../../state/ribbon.ts';
import type { SecondRing } from '../../state/time-rings.ts';
import { type Box, hatch, roundBox } from './shapes.ts';
import type { Surface } from './surface.ts';

/** What a ribbon is drawn from. Times are epoch milliseconds. */
export interface RibbonPicture {
  readonly ribbon: Ribbon;
  readonly gaps: readonly Gap[];
  /** Messages that were given up, by the second. */
  readonly deadLetters: SecondRing;
  readonly from: number;
  readonly to: number;
}

/** The ribbon is 12 px high, whatever its canvas is. */
const HEIGHT = 12;
/** A state that lasted a moment is still to be seen. */
const LEAST_WIDTH = 2;

/** Draws the life of a channel: quiet lines while it runs, height and texture where it does not. */
export function drawRibbon(surface: Surface, picture: RibbonPicture): void {
  const { ribbon, gaps, deadLetters, from, to } = picture;
  const place = (at: number): number => ((at - from) / (to - from)) * surface.width;
  const y = (surface.height - HEIGHT) / 2;
  ribbon.segments.forEach((segment, index) => {
    const end = ribbon.segments[index + 1]?.from ?? to;
    if (end <= from || segment.from > to) return;
    const x = Math.max(0, place(segment.from));
    const width = Math.max(LEAST_WIDTH, Math.min(surface.width, place(end)) - x);
    drawSegment(surface, segment.status, { x, y, width, height: HEIGHT });
  });
  surface.context.fillStyle = surface.palette.alarm;
  for (let second = Math.ceil(from / 1000); second * 1000 <= to; second += 1) {
    if (deadLetters.read(second) > 0) {
      surface.context.fillRect(place(second * 1000) - 1, y + HEIGHT, 2, 4);
    }
  }
  for (const gap of gaps) {
    if (gap.to <= from || gap.from >= to) continue;
    const x = Math.max(0, place(gap.from));
    const width = Math.max(LEAST_WIDTH, place(gap.to) - x);
    drawGap(surface, { x, y: y - 1, width, height: HEIGHT + 2 }); // the border of a state below it too
  }
}

/** Draws a stretch of which nothing is known. */
export function drawGap({ context, palette }: Surface, box: Box): void {
  roundBox(context, box, 2);
  hatch(context, box, { ground: palette.surface, line: palette['line-strong'], widths: [1, 4] });
}

function drawSegment(surface: Surface, status: ChannelStatus, box: Box): void {
  const { palette } = surface;
  const middle = box.y + box.height / 2;
  switch (status) {
    case 'running':
      return line(surface, palette.water, { ...box, y: middle - 2, height: 4 });
    case 'connecting':
      return ticks(surface, box, { width: 2, step: 4, height: box.height });
    case 'backoff':
      return ticks(surface, { ...box, y: middle - 2 }, { width: 4, step: 8, height: 4 });
    case 'handover':
      line(surface, palette['text-3'], { ...box, y: box.y + 1, height: 3 });
      return line(surface, palette.water, { ...box, y: box.y + 8, height: 3 });
    case 'draining':
      return draining(surface, box);
    case 'failed':
      return failed(surface, box);
    case 'paused':
      outline(surface, { ...box, y: middle - 3, height: 6 }, []);
      return pauseBars(surface, box);
    case 'standby':
      return outline(surface, { ...box, y: middle - 3, height: 6 }, [1, 3]);
    default: // idle, stopped, and what a later version adds
      return line(surface, palette['line-strong'], { ...box, y: middle - 0.5, height: 1 });
  }
}

function line({ context }: Surface, colour: string, box: Box): void {
  context.fillStyle = colour;
  context.fillRect(box.x, box.y, box.width, box.height);
}

function ticks(
  { context, palette }: Surface,
  box: Box,
  tick: { readonly width: number; readonly step: number; readonly height: number },
): void {
  context.fillStyle = palette.water;
  for (let x = box.x; x < box.x + box.width; x += tick.step) {
    const width = Math.min(tick.width, box.x + box.width - x);
    context.fillRect(x, box.y, width, tick.height);
  }
}

function draining(surface: Surface, box: Box): void {
  const { context, palette } = surface;
  const inner = inset(box);
  roundBox(context, inner, 2);
  context.fillStyle = palette['water-soft'];
  context.fill();
  line(surface, palette.water, { ...box, y: box.y + box.height - 4, height: 4 });
  stroke(surface, inner, { colour: palette.water, width: 1 });
}

function failed(surface: Surface, box: Box): void {
  const { context, palette } = surface;
  const inner = inset(box);
  roundBox(context, inner, 2);
  hatch(context, inner, { ground: palette['alarm-soft'], line: palette.surface, widths: [2, 5] });
  stroke(surface, inner, { colour: palette.alarm, width: 1.5 });
}

function outline(surface: Surface, box: Box, dash: readonly number[]): void {
  surface.context.setLineDash([...dash]);
  roundBox(surface.context, inset(box), 2);
  stroke(surface, inset(box), { colour: surface.palette['line-strong'], width: 1 });
  surface.context.setLineDash([]);
}

/** ‖ in the middle, where there is room for it. */
function pauseBars({ context, palette }: Surface, box: Box): void {
  if (box.width < 12) return;
  const x = box.x + box.width / 2;
  context.fillStyle = palette['text-2'];
  for (const left of [x - 3, x + 1]) context.fillRect(left, box.y, 2, box.height);
}

function stroke(
  { context }: Surface,
  box: Box,
  line: { readonly colour: string; readonly width: number },
): void {
  roundBox(context, box, 2);
  context.strokeStyle = line.colour;
  context.lineWidth = line.width;
  context.stroke();
}

function inset({ x, y, width, height }: Box): Box {
  return { x: x + 0.5, y: y + 0.5, width: Math.max(1, width - 1), height: height - 1 };
}
