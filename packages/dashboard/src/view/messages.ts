import { age, count, percent, plural, wholeAge } from './format.ts';

/** Every sentence of the dashboard, as functions of what they tell. Plain, exact, unhurried. */
export const messages = {
  verdict: {
    lost: (ms: number) => `Connection lost ${wholeAge(ms)} ago`,
    lostCause: (at: string) => `You are looking at the last known state, ${at}.`,
    fault: (where: string, what: string) => `You added a fault: ${where} ${what} (hand)`,
    faultCause: (ms: number) => `It ends by itself in ${wholeAge(ms)}.`,
    full: (pool: string, waiting: number) =>
      `${pool} is full and ${plural(waiting, 'caller')} ${waiting === 1 ? 'is' : 'are'} waiting`,
    line: (pool: string, waiting: number) =>
      `${plural(waiting, 'caller')} ${waiting === 1 ? 'waits' : 'wait'} for ${pool}`,
    longest: (ms: number, limitMs: number | undefined) =>
      limitMs === undefined
        ? `The longest has waited ${age(ms)}.`
        : `The longest has waited ${age(ms)} of its ${wholeAge(limitMs)} limit.`,
    failed: (channel: string) => `${channel} has failed and stopped retrying`,
    failedCause: (error: string | undefined, ms: number) =>
      error === undefined
        ? `It has been down for ${wholeAge(ms)}.`
        : `It has been down for ${wholeAge(ms)}: ${error}.`,
    tripped: (pool: string, failures: number, calls: number) =>
      calls > 0
        ? `${pool} is tripped: ${failures} of ${plural(calls, 'call')} failed`
        : `${pool} is tripped`,
    probes: (ms: number) => `Probes in ${wholeAge(ms)}.`,
    leak: (pool: string, ms: number) => `One client of ${pool} has been held for ${wholeAge(ms)}`,
    leakAside: (ms: number) => `One client has been held for ${wholeAge(ms)}`,
    limit: (pool: string, share: number, what: string) =>
      `${pool} is at ${percent(share)} of its ${what} a minute`,
    calm: () => 'Everything is flowing',
    calmCause: (pools: number, channels: number) =>
      `${plural(pools, 'pool')} and ${plural(channels, 'channel')}, nobody waits, nothing failed.`,
    more: (others: number) => `and ${plural(others, 'more thing')}`,
  },
  pool: {
    inUse: (capacity: number) => `of ${count(capacity)} in use`,
    idle: (idle: number) => `${count(idle)} idle`,
    scale: (each: number) => `1 mark = ${each}`,
    probes: (ms: number) => `, probes in ${wholeAge(ms)}`,
    someTripped: (tripped: number, targets: number) => `${tripped} of ${targets} models tripped`,
    waiting: (waiting: number, longest: string) =>
      waiting === 0 ? 'Nobody waits' : `${count(waiting)} waiting, longest ${longest}`,
    clients: (inUse: number, capacity: number, idle: number) =>
      `${count(inUse)} of ${count(capacity)} in use, ${count(idle)} idle`,
    demand: (inUse: number, waiting: number, capacity: number) =>
      `Demand is ${count(inUse + waiting)} clients against a capacity of ${count(capacity)}`,
    keys: (keys: number) => plural(keys, 'key'),
    models: (models: number) => plural(models, 'model'),
  },
  channel: {
    restarts: (restarts: number) => (restarts === 0 ? '—' : plural(restarts, 'restart')),
    ribbon: (channel: string, state: string, restarts: number) =>
      `${channel}: ${state}, ${plural(restarts, 'restart')} in the window`,
    mark: (time: string, cause: string, generation: number) =>
      `Restarted ${time}, ${cause}, generation ${generation} → ${generation + 1}`,
    gaveUp: (time: string, cause: string) => `Gave up ${time}: ${cause}`,
    redelivered: (messages: number) => `, ${plural(messages, 'message')} redelivered`,
    byHand: ', by hand',
    swapped: (time: string, generation: number, isDone: boolean) =>
      isDone
        ? `Swapped ${time}, generation ${generation}, by hand`
        : `Swap rolled back ${time}, generation ${generation} goes on`,
    deadLetters: (messages: number) =>
      messages === 0 ? '' : `, ${plural(messages, 'message')} given up`,
  },
  feed: {
    live: (behindMs: number) => (behindMs < 1 ? 'live' : `live, ${Math.round(behindMs)} ms behind`),
    behind: (behindMs: number) => `live, ${age(behindMs)} behind`,
    connecting: 'connecting',
    ended: 'ended',
    lost: 'connection lost',
    paused: (events: number) => `Paused, ${plural(events, 'event')} behind`,
    reached: (address: string) => `Trying to reach ${address}.`,
  },
} as const;
