import type { ChannelStatus } from '../events/channel-event.ts';
import type { ChannelInput } from './channel-input.ts';

/** For each status, what each input may lead to. Inputs that change no status are not listed. */
export type TransitionTable = {
  readonly [From in ChannelStatus]: {
    readonly [On in ChannelInput['type']]?: readonly ChannelStatus[];
  };
};

/** Every change of status there is. Diagrams are drawn from it, and tests hold the reducer to it. */
export const transitionTable: TransitionTable = {
  idle: {
    start: ['connecting', 'standby'],
    restart: ['connecting', 'standby'],
    retry: ['connecting', 'standby'],
  },
  standby: { owned: ['connecting'], stop: ['draining'] },
  connecting: {
    opened: ['running', 'paused'],
    openFailed: ['backoff', 'failed'],
    restart: ['connecting'],
    swap: ['connecting'],
    disowned: ['standby'],
    stop: ['draining'],
  },
  running: {
    ended: ['backoff', 'draining', 'failed'],
    pause: ['paused'],
    swap: ['handover'],
    restart: ['draining'],
    disowned: ['standby'],
    stop: ['draining'],
  },
  paused: {
    ended: ['backoff', 'draining', 'failed'],
    resume: ['running'],
    swap: ['handover'],
    restart: ['draining'],
    disowned: ['standby'],
    stop: ['draining'],
  },
  backoff: {
    elapsed: ['connecting'],
    retry: ['connecting'],
    restart: ['connecting'],
    swap: ['connecting'],
    disowned: ['standby'],
    stop: ['draining'],
  },
  handover: {
    opened: ['running', 'paused'],
    openFailed: ['running', 'paused', 'backoff', 'failed'],
    restart: ['draining'],
    disowned: ['standby'],
    stop: ['draining'],
  },
  draining: { hungUp: ['stopped', 'connecting', 'standby'] },
  stopped: {
    start: ['connecting', 'standby'],
    restart: ['connecting', 'standby'],
    retry: ['connecting', 'standby'],
  },
  failed: {
    start: ['connecting', 'standby'],
    restart: ['connecting', 'standby'],
    retry: ['connecting', 'standby'],
  },
};
