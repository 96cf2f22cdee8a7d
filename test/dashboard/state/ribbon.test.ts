import type { RestartMark } from '@sluice/core/events';
import { describe, expect, it } from 'vitest';
import { Ribbon } from '../../../packages/dashboard/src/state/ribbon.ts';

const MARK: RestartMark = {
  at: 10_000,
  generation: 1,
  cause: 'restart',
  by: 'hand',
  redelivered: 0,
  gaveUp: false,
};

describe('a ribbon', () => {
  it('counts a restart once that the event and the snapshot tell a moment apart', () => {
    const ribbon = new Ribbon();

    ribbon.mark(MARK);
    ribbon.mark({ ...MARK, at: 10_001 });

    expect(ribbon.restarts(0, 20_000)).toBe(1);
  });

  it('counts each restart of a channel, and the same generation of another process', () => {
    const ribbon = new Ribbon();

    ribbon.mark(MARK);
    ribbon.mark({ ...MARK, at: 10_200, generation: 2 });
    ribbon.mark({ ...MARK, at: 60_000 });

    expect(ribbon.restarts(0, 100_000)).toBe(3);
  });
});
