import type { SluiceEvent } from '@sluice/core/events';

const encoder = new TextEncoder();

/** Names a place in an engine's sequence, as the `id` of a frame: `epoch.seq`. */
export function placeOf({ epoch, seq }: { readonly epoch: string; readonly seq: number }): string {
  return `${epoch}.${seq}`;
}

/** Reads what a reader says it has seen last, or `undefined` when that makes no sense. */
export function parsePlace(
  id: string | null,
): { readonly epoch: string; readonly seq: number } | undefined {
  const match = /^([A-Za-z0-9]{1,64})\.(\d{1,15})$/.exec(id ?? '');
  if (match === null) return undefined;
  return { epoch: match[1] ?? '', seq: Number(match[2]) };
}

/** Writes one frame of Server-Sent Events (WHATWG HTML, section 9.2). */
export function frame(event: string, data: unknown, id?: string): Uint8Array {
  const place = id === undefined ? '' : `id: ${id}\n`;
  return encoder.encode(`${place}event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
}

/** Writes events as one frame that ends at the last one's place. */
export function eventsFrame(events: readonly SluiceEvent[]): Uint8Array {
  const last = events.at(-1);
  return frame('events', events, last === undefined ? undefined : placeOf(last));
}

/** A comment: it tells that the stream lives, and nothing else. */
export const HEARTBEAT: Uint8Array = encoder.encode(': alive\n\n');
