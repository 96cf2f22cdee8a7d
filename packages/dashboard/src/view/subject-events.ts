import type { SluiceEvent } from '@sluice/core/events';
import { type EventLine, eventLine } from './event-line.ts';

const MOST = 5;

/** Makes the lines of a subject's own latest events, the newest first. */
export function linesAbout(
  events: readonly SluiceEvent[],
  isAbout: (event: SluiceEvent) => boolean,
): readonly EventLine[] {
  return events.filter(isAbout).slice(0, MOST).map(eventLine);
}
