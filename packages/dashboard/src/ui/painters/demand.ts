import type { PoolGroup } from '../../state/pool-group.ts';
import type { Stretch } from '../../view/pool-row.svelte.ts';
import type { Surface } from './surface.ts';

/** Demand and capacity along time, one point for each step. NaN where nothing was recorded. */
export interface DemandLine {
  readonly demand: Float32Array;
  readonly capacity: Float32Array;
  readonly top: number;
}

/** Reads a group's demand (in use and waiting) over a stretch into so many points; each is the mean of its step. */
export function demandLine(group: PoolGroup, { from, to }: Stretch, points: number): DemandLine {
  const seconds = to - from;
  const length = Math.max(2, Math.min(points, seconds));
  const demand = new Float32Array(length).fill(Number.NaN);
  const capacity = new Float32Array(length).fill(Number.NaN);
  const samples = new Uint16Array(length);
  for (let second = from + 1; second <= to; second += 1) {
    const index = Math.floor(((second - from - 1) * length) / seconds);
    const limit = group.at('capacity', second);
    capacity[index] = Number.isNaN(limit) ? group.capacity : limit;
    const value = demandAt(group, second, second === to);
    if (Number.isNaN(value)) continue;
    const before = samples[index] ?? 0;
    demand[index] = ((before === 0 ? 0 : (demand[index] ?? 0)) * before + value) / (before + 1);
    samples[index] = before + 1;
  }
  const peak = demand.reduce((a, b) => (b > a ? b : a), 0);
  return { demand, capacity, top: Math.max(1.75 * group.capacity, 1.1 * peak, 1) };
}

/** The second that is under way is not recorded yet: it is as it is now. */
function demandAt(group: PoolGroup, second: number, isNow: boolean): number {
  const inUse = group.at('inUse', second);
  return Number.isNaN(inUse) && isNow
    ? group.inUse + group.waiting
    : inUse + group.at('waiting', second);
}

/** Draws demand against capacity: what is served below the dashed line, what waits above it. */
export function drawDemand(surface: Surface, line: DemandLine): void {
  fillServed(surface, line);
  fillOver(surface, line);
  strokeServed(surface, line);
  strokeOver(surface, line);
  strokeCapacity(surface, line);
}

function x({ width }: Surface, { demand }: DemandLine, index: number): number {
  return (index / (demand.length - 1)) * width;
}

function y({ height }: Surface, { top }: DemandLine, value: number): number {
  return height - (value / top) * (height - 1);
}

function servedAt({ demand, capacity }: DemandLine, index: number): number {
  return Math.min(demand[index] ?? 0, capacity[index] ?? 0);
}

/** Calls `run` with the beginning and the end of each stretch of points that pass. */
function eachRun(
  line: DemandLine,
  passes: (index: number) => boolean,
  run: (from: number, to: number) => void,
): void {
  let from = -1;
  for (let index = 0; index <= line.demand.length; index += 1) {
    const isIn = index < line.demand.length && passes(index);
    if (isIn && from < 0) from = index;
    if (!isIn && from >= 0) {
      run(from, index - 1);
      from = -1;
    }
  }
}

function isRecorded(line: DemandLine): (index: number) => boolean {
  return (index) => !Number.isNaN(line.demand[index] ?? Number.NaN);
}

function isOver({ demand, capacity }: DemandLine): (index: number) => boolean {
  const over = (index: number): boolean => (demand[index] ?? 0) > (capacity[index] ?? 0);
  return (index) => over(index) || over(index + 1) || over(index - 1); // the slopes belong to it
}

function fillServed(surface: Surface, line: DemandLine): void {
  const { context, height, palette } = surface;
  context.fillStyle = palette['water-soft'];
  eachRun(line, isRecorded(line), (from, to) => {
    context.beginPath();
    context.moveTo(x(surface, line, from), height);
    for (let i = from; i <= to; i += 1) {
      context.lineTo(x(surface, line, i), y(surface, line, servedAt(line, i)));
    }
    context.lineTo(x(surface, line, to), height);
    context.fill();
  });
}

function fillOver(surface: Surface, line: DemandLine): void {
  const { context, palette } = surface;
  context.fillStyle = palette['press-soft'];
  eachRun(line, isOver(line), (from, to) => {
    context.beginPath();
    for (let i = from; i <= to; i += 1) {
      context.lineTo(x(surface, line, i), y(surface, line, overAt(line, i)));
    }
    for (let i = to; i >= from; i -= 1) {
      context.lineTo(x(surface, line, i), y(surface, line, line.capacity[i] ?? 0));
    }
    context.fill();
  });
}

function overAt({ demand, capacity }: DemandLine, index: number): number {
  const limit = capacity[index] ?? 0;
  return Math.max(limit, demand[index] || limit);
}

function strokeServed(surface: Surface, line: DemandLine): void {
  const { context, palette } = surface;
  context.strokeStyle = palette.water;
  context.lineWidth = 1.5;
  context.lineJoin = 'round';
  eachRun(line, isRecorded(line), (from, to) => {
    context.beginPath();
    for (let i = from; i <= to; i += 1) {
      context.lineTo(x(surface, line, i), y(surface, line, servedAt(line, i)));
    }
    context.stroke();
  });
}

function strokeOver(surface: Surface, line: DemandLine): void {
  const { context, palette } = surface;
  context.strokeStyle = palette.press;
  context.lineWidth = 1.75;
  eachRun(line, isOver(line), (from, to) => {
    context.beginPath();
    for (let i = from; i <= to; i += 1) {
      context.lineTo(x(surface, line, i), y(surface, line, overAt(line, i)));
    }
    context.stroke();
  });
}

function strokeCapacity(surface: Surface, line: DemandLine): void {
  const { context, palette } = surface;
  context.strokeStyle = palette['text-2'];
  context.lineWidth = 1;
  context.setLineDash([2, 3]);
  context.beginPath();
  for (let i = 0; i < line.capacity.length; i += 1) {
    const limit = line.capacity[i] ?? 0;
    const before = line.capacity[i - 1] ?? limit;
    if (before !== limit) {
      context.lineTo(x(surface, line, i), Math.round(y(surface, line, before)) + 0.5);
    }
    context.lineTo(x(surface, line, i), Math.round(y(surface, line, limit)) + 0.5);
  }
  context.stroke();
  context.setLineDash([]);
}
