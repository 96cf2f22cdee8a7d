import { BUCKETS, bucketStart, quantile } from '../../state/histogram.ts';
import { roughDuration } from '../../view/format.ts';
import type { Durations } from '../../view/pool-drawer.svelte.ts';
import { placeLabels } from './marker-labels.ts';
import type { Surface } from './surface.ts';

const BARS = 48;
/** 1 ms to 100 s. */
const DECADES = 5;
const TOP = 16;
const AXIS = 58;

/** Sums a histogram into 48 bars from 1 ms to 100 s on a logarithmic axis; what is outside counts at the ends. */
export function barsOf(histogram: Uint32Array): Float64Array {
  const bars = new Float64Array(BARS);
  for (let bucket = 0; bucket < BUCKETS; bucket += 1) {
    const count = histogram[bucket] ?? 0;
    if (count === 0) continue;
    const bar = Math.floor(placeOf((bucketStart(bucket) + bucketStart(bucket + 1)) / 2) * BARS);
    const index = Math.min(BARS - 1, Math.max(0, bar));
    bars[index] = (bars[index] ?? 0) + count;
  }
  return bars;
}

/** Draws a histogram of durations with its percentiles. */
export function drawHistogram(
  surface: Surface,
  { histogram, tooFew, pressFromMs }: Durations,
): void {
  const { context, width, palette } = surface;
  context.font = palette.labelFont;
  drawAxis(surface);
  if (tooFew !== '') return;
  const bars = barsOf(histogram);
  const highest = Math.max(1, ...bars);
  const pitch = width / BARS;
  bars.forEach((count, index) => {
    if (count === 0) return;
    const height = Math.max(0.75, (count / highest) * (AXIS - TOP));
    const isPressing = 10 ** (((index + 0.5) / BARS) * DECADES) > pressFromMs;
    context.fillStyle = isPressing ? palette.press : palette.water;
    context.fillRect(index * pitch, AXIS - height, pitch - 1, height);
  });
  drawMarkers(surface, histogram);
}

function placeOf(ms: number): number {
  return Math.min(1, Math.max(0, Math.log10(Math.max(ms, 1)) / DECADES));
}

function drawAxis({ context, width, palette }: Surface): void {
  context.strokeStyle = palette['line-strong'];
  context.lineWidth = 1;
  context.beginPath();
  context.moveTo(0, AXIS + 0.5);
  context.lineTo(width, AXIS + 0.5);
  context.stroke();
  context.fillStyle = palette['text-3'];
  context.textAlign = 'left';
  ['1 ms', '10', '100', '1 s', '10 s'].forEach((label, decade) => {
    context.fillText(label, (decade / DECADES) * width + 1, 69);
  });
}

function drawMarkers(surface: Surface, histogram: Uint32Array): void {
  const { context, width, palette } = surface;
  const markers = [0.5, 0.95, 0.99].map((share) => {
    const ms = quantile(histogram, share);
    const text = `p${share * 100} ${roughDuration(ms)}`;
    const x = Math.round(placeOf(ms) * width) + 0.5;
    return { x, text, length: context.measureText(text).width };
  });
  context.fillStyle = palette.text;
  for (const { x } of markers) context.fillRect(x - 0.5, 4, 1, AXIS - 4);
  for (const { x, text, side } of placeLabels(markers, width)) {
    const length = context.measureText(text).width;
    context.textAlign = 'left';
    const left = side === 'right' ? x : x - length;
    context.fillStyle = palette.surface;
    context.fillRect(left, 2, length, 13);
    context.fillStyle = palette.text;
    context.fillText(text, left, 12);
  }
}
