import type { StatusFault } from '../fault.ts';
import { type Plan, planText } from '../plan.ts';
import type { Play } from './dialect.ts';

/** A refusal as its dialect writes it. */
export interface Refusal {
  /** The provider's JSON. Left out for a fault that has a body of its own. */
  readonly body: object;
  readonly headers: Readonly<Record<string, string>>;
}

/** Plans what a scripted status looks like, headers and all. The wait is told in the form that the fault names. */
export function planStatus(fault: StatusFault, { body, headers }: Refusal, { nowMs }: Play): Plan {
  const text = fault.body ?? JSON.stringify(body);
  return planText(fault.status, text, {
    'content-type': text.startsWith('<') ? 'text/html' : 'application/json',
    ...headers,
    ...hintHeaders(fault, nowMs),
    ...fault.headers,
  });
}

function hintHeaders(
  { retryAfterMs, retryHint = 'seconds' }: StatusFault,
  nowMs: number,
): Readonly<Record<string, string>> {
  if (retryAfterMs === undefined) return {};
  switch (retryHint) {
    case 'seconds':
      return { 'retry-after': String(retryAfterMs / 1_000) };
    case 'date':
      return { 'retry-after': new Date(nowMs + retryAfterMs).toUTCString() };
    case 'ms':
      return {
        'retry-after-ms': String(retryAfterMs),
        'retry-after': String(Math.ceil(retryAfterMs / 1_000)),
      };
    case 'body':
      return {}; // the dialect puts it into the body
  }
}

/** Writes a wait as Go does: `6m0s`, `17.4s`, `20ms`. */
export function goDuration(durationMs: number): string {
  if (durationMs < 1_000) return `${Math.round(durationMs)}ms`;
  const hours = Math.floor(durationMs / 3_600_000);
  const minutes = Math.floor((durationMs % 3_600_000) / 60_000);
  const seconds = (durationMs % 60_000) / 1_000;
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`;
}
