import { type ChannelState, seededRandom, transition, transitionTable } from '@sluice/core';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ChannelInput } from '../../../packages/core/src/channel/channel-input.ts';
import { CHANNEL_DEFAULTS } from '../../../packages/core/src/channel/options.ts';
import { idleState, isOver } from '../../../packages/core/src/channel/state.ts';

type Kind = ChannelInput['type'];
const kinds: readonly Kind[] = [
  'start',
  'stop',
  'restart',
  'retry',
  'pause',
  'resume',
  'swap',
  'owned',
  'disowned',
  'opened',
  'openFailed',
  'ended',
  'elapsed',
  'intakeClosed',
  'drained',
  'hungUp',
];

const rows = Object.entries(transitionTable).flatMap(([from, inputs]) =>
  Object.entries(inputs).flatMap(([on, targets]) => targets.map((to) => `${from} ${on} ${to}`)),
);

/** An input of a kind with everything that it may need, mostly of the generation that counts. */
function anInput(type: Kind, state: ChannelState, roll: () => number): ChannelInput {
  const kind = (['clean', 'fault', 'fatal'] as const)[Math.floor(roll() * 3)] ?? 'fault';
  const generation = roll() < 0.2 ? state.generation : state.dialed;
  const ending = { kind: type === 'openFailed' && kind === 'clean' ? 'fault' : kind, cause: 'x' };
  const fields = { by: 'hand', cause: 'x', deadlineMs: 5, overlap: roll() < 0.5, metadata: {} };
  const timer = roll() < 0.5 ? 'retry' : 'deadline';
  return { type, generation, ending, timer, ...fields } as unknown as ChannelInput;
}

describe('the reducer of a channel', () => {
  it('makes every transition of the published table, and no other', () => {
    const random = seededRandom(7);
    const roll = () => random.next();
    const seen = new Set<string>();
    let state: ChannelState = idleState({}, 0);
    let owns = false;

    for (let now = 0; now < 600_000; now += 1) {
      if (now % 97 === 0) state = idleState({}, 0);
      const kind = kinds[Math.floor(roll() * kinds.length)] ?? 'start';
      if (kind === 'owned') owns = true;
      else if (kind === 'disowned') owns = false;
      else if (isOver(state)) owns = roll() < 0.5; // a channel may need no ownership
      const restart = roll() < 0.3 ? 'transient' : 'permanent';
      const policy = { ...CHANNEL_DEFAULTS.restart, restart, intensity: 3 } as const;
      const context = {
        now,
        at: now,
        roll: roll(),
        policy,
        mayConnect: owns,
        stopDeadlineMs: 5,
      };
      const [next] = transition(state, anInput(kind, state, roll), context);
      const isAnother = next.status !== state.status || next.generation !== state.generation;
      if (isAnother) seen.add(`${state.status} ${kind} ${next.status}`);
      state = next;
    }

    expect({
      unlisted: [...seen].filter((row) => !rows.includes(row)),
      unmade: rows.filter((row) => !seen.has(row)),
    }).toEqual({ unlisted: [], unmade: [] });
  });

  it('changes nothing at results of a connection that does not count', () => {
    const results = fc.constantFrom<Kind>(
      'opened',
      'openFailed',
      'ended',
      'hungUp',
      'intakeClosed',
    );
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(transitionTable)), results, (status, type) => {
        const state = { ...idleState({}, 0), status, generation: 5, dialed: 5, phase: 'emptying' };
        const input = { type, generation: 3, ending: { kind: 'fault', cause: 'x' } };
        const context = {
          now: 0,
          at: 0,
          roll: 0,
          policy: CHANNEL_DEFAULTS.restart,
          mayConnect: true,
          stopDeadlineMs: 5,
        };

        const [next] = transition(
          state as unknown as ChannelState,
          input as unknown as ChannelInput,
          context,
        );

        expect(next).toEqual(state);
      }),
    );
  });

  it('never mutates a state', () => {
    const state = Object.freeze({
      ...idleState(Object.freeze({}), 0),
      restarts: Object.freeze([]),
    });
    const context = {
      now: 0,
      at: 9,
      roll: 0,
      policy: CHANNEL_DEFAULTS.restart,
      mayConnect: true,
      stopDeadlineMs: 5,
    };

    const [next] = transition(state, { type: 'start', by: 'hand' }, context);

    expect([state.status, next.status, next.since]).toEqual(['idle', 'connecting', 9]);
    expect(JSON.parse(JSON.stringify(next))).toEqual(next);
  });
});
