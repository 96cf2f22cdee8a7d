import type { Clock, Random } from '@sluice/core';
import { cutBytes, delayOf, type Framing, type Physics } from './physics.ts';

/** A whole HTTP answer, decided before its first byte: what MSW and the mock server both perform. */
export type Plan =
  | { readonly kind: 'hang' }
  | { readonly kind: 'refuse' }
  | {
      readonly kind: 'answer';
      readonly status: number;
      readonly headers: Readonly<Record<string, string>>;
      readonly steps: readonly Step[];
      /** What follows the steps: too much. Default: nothing. */
      readonly flood?: Flood | undefined;
      readonly end: PlanEnd;
    };

/** More bytes than anybody should read, after inflating, and how they travel. */
export interface Flood {
  readonly bytes: number;
  readonly form: 'line' | 'gzip';
}

/** Bytes, and how long they take to come, in milliseconds. */
export interface Step {
  readonly delayMs: number;
  readonly bytes: Uint8Array;
}

/** How a body ends: in good order, by a broken connection, or never. */
export type PlanEnd = 'close' | 'reset' | 'stall';

/** Where a plan is performed. */
export interface Stage {
  /** Sends bytes; resolves when more may follow. */
  write(bytes: Uint8Array): void | Promise<void>;
  /** Ends the body in good order. */
  close(): void;
  /** Breaks the connection. */
  reset(): void;
}

/** Plans an answer that is one text. */
export function planText(
  status: number,
  text: string,
  headers: Readonly<Record<string, string>> = {},
): Plan {
  const bytes = new TextEncoder().encode(text);
  return { kind: 'answer', status, headers, steps: [{ delayMs: 0, bytes }], end: 'close' };
}

/** How events become steps. */
export interface PaceOptions {
  readonly physics: Physics | undefined;
  readonly framing: Framing | undefined;
  readonly random: Random;
}

/** Spreads framed events over time, and cuts them. */
export function paced(
  events: readonly string[],
  { physics, framing, random }: PaceOptions,
): readonly Step[] {
  const encoder = new TextEncoder();
  const groups = framing?.cut === undefined || framing.cut === 'event' ? events : [events.join('')];
  return groups.flatMap((group, place) => {
    const delayMs = delayOf(place, physics, random);
    const pieces = cutBytes(encoder.encode(group), framing?.cut, random);
    return pieces.map((bytes, at) => ({ delayMs: at === 0 ? delayMs : 0, bytes }));
  });
}

/**
 * Performs the body of an answer. Resolves when it has ended, or, where it never does, when `signal` is aborted.
 */
export async function perform(
  plan: Extract<Plan, { kind: 'answer' }>,
  stage: Stage,
  { clock, signal }: { readonly clock: Clock; readonly signal: AbortSignal },
): Promise<void> {
  for (const { delayMs, bytes } of plan.steps) {
    if (delayMs > 0) await pause(clock, delayMs, signal);
    if (signal.aborted) return;
    await stage.write(bytes);
  }
  if (plan.flood?.form === 'line') await flood(plan.flood.bytes, stage, signal);
  if (plan.end === 'stall') await untilAborted(signal);
  if (signal.aborted) return;
  if (plan.end === 'reset') stage.reset();
  else stage.close();
}

/** One line without an end, in pieces of 64 KiB: the same piece each time, so that nothing is held. */
async function flood(bytes: number, stage: Stage, signal: AbortSignal): Promise<void> {
  const piece = new Uint8Array(Math.min(bytes, FLOOD_PIECE)).fill(0x61);
  for (let left = bytes; left > 0 && !signal.aborted; left -= piece.length) {
    await stage.write(piece.subarray(0, left));
  }
}

const FLOOD_PIECE = 65_536;

/** Waits for the signal. */
export function untilAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

function pause(clock: Clock, delayMs: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const finish = (): void => {
      cancel();
      signal.removeEventListener('abort', finish);
      resolve();
    };
    const cancel = clock.after(delayMs, finish);
    if (signal.aborted) finish();
    else signal.addEventListener('abort', finish);
  });
}
