/** What a channel's states are called. */
export const CHANNEL_WORDS: Readonly<Record<string, string>> = {
  idle: 'Stopped',
  connecting: 'Dialing',
  running: 'Connected',
  backoff: 'Backing off',
  paused: 'Paused',
  standby: 'Standing by',
  handover: 'Handover',
  draining: 'Draining',
  stopped: 'Stopped',
  failed: 'Failed',
};
