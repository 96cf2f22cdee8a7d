import { VirtualClock } from '@sluice/core/testing';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { SessionFrame } from '../../../packages/adapters/src/gateway/protocol.ts';
import {
  type LoggedFrame,
  SessionLog,
} from '../../../packages/adapters/src/gateway/session-log.ts';
import { runs } from '../../support/tier.ts';

const usage = { input_tokens: 0, output_tokens: 0, total_tokens: 0 };

function delta(content: string): SessionFrame {
  return { type: 'text_delta', content };
}

function response(message: string): SessionFrame {
  return { type: 'response', message, session: 's', usage };
}

function placeOf({ event }: LoggedFrame): number {
  return Number(event.split('-')[1]);
}

const step = fc.oneof(
  fc.record({ type: fc.constant('grow' as const), of: fc.nat(2), length: fc.nat(50) }),
  fc.record({ type: fc.constant('end' as const), of: fc.nat(2) }),
  fc.record({ type: fc.constant('wait' as const), ms: fc.nat(400) }),
  fc.record({ type: fc.constantFrom('leave' as const, 'return' as const, 'clear' as const) }),
);

const limits = fc.record({
  maxFrames: fc.integer({ min: 1, max: 20 }),
  maxBytes: fc.integer({ min: 400, max: 10_000 }),
  ttlMs: fc.integer({ min: 1, max: 2_000 }),
});

describe('the log of a session', () => {
  it('gives a reader who comes back all that counts, in order and once, or says that there is a gap', async () => {
    await fc.assert(
      fc.asyncProperty(limits, fc.array(step, { maxLength: 60 }), async (bounds, steps) => {
        const clock = new VirtualClock();
        const log = new SessionLog(bounds, clock);
        const ends: LoggedFrame[] = [];
        let isThere = true;
        let lastSeen = 0;
        let lastEvent = log.latest;
        let missedEnds: number[] = [];
        const see = (logged: LoggedFrame): void => {
          expect(placeOf(logged)).toBeGreaterThan(lastSeen);
          lastSeen = placeOf(logged);
          lastEvent = logged.event;
        };
        const append = (frame: SessionFrame, of: number): void => {
          const logged = log.append(frame, `exchange-${of}`);
          if (frame.type === 'response') ends.push(logged);
          if (isThere) see(logged);
          else if (frame.type === 'response') missedEnds.push(placeOf(logged));
        };
        for (const each of steps) {
          if (each.type === 'grow') append(delta('x'.repeat(each.length)), each.of);
          if (each.type === 'end') append(response('whole'), each.of);
          if (each.type === 'wait') await clock.advance(each.ms);
          if (each.type === 'clear') log.clear();
          if (each.type === 'leave') isThere = false;
          if (each.type !== 'return' || isThere) continue;

          const { frames, gap } = log.after(lastEvent);

          const seen = frames.map(placeOf);
          for (const logged of frames) see(logged);
          if (gap === undefined) expect(seen).toEqual(expect.arrayContaining(missedEnds));
          else expect(gap).toBe('expired');
          isThere = true;
          missedEnds = [];
          expect(log.bytes).toBeLessThanOrEqual(bounds.maxBytes);
          expect(frames.length).toBeLessThanOrEqual(bounds.maxFrames);
        }
      }),
      { numRuns: runs(1_000, 20_000) },
    );
  });

  it('knows the events of another log for what they are', () => {
    const clock = new VirtualClock();
    const bounds = { maxFrames: 10, maxBytes: 10_000, ttlMs: 1_000 };
    const other = new SessionLog(bounds, clock).append(response('x'), 'e').event;
    const log = new SessionLog(bounds, clock);
    log.append(response('y'), 'e');

    const reasons = [other, '', '-', 'x-1', `${log.latest}0`, `${log.latest}.0`, ` ${log.latest}`];

    expect(reasons.map((event) => log.after(event).gap)).toEqual(
      reasons.map(() => 'event_unknown'),
    );
  });
});
