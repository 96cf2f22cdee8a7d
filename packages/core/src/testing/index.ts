// For tests of Sluice and of what is built on it. Never part of a production bundle.

export { VirtualClock } from './virtual-clock.ts';
export {
  record,
  type Recordable,
  type Recorded,
  type Recording,
  type RecordingEnd,
} from './record.ts';
export {
  type ScriptedEnd,
  ScriptedProvider,
  type ScriptedProviderOptions,
  type ScriptedReply,
} from './scripted-client.ts';
export type { ContractCheck } from './contract/check.ts';
export { channelContract, type ChannelSubject, type ShownToPeer } from './contract/channel.ts';
export { clientContract, type ClientSubject } from './contract/client.ts';
export { pooledClientContract } from './contract/pooled-client.ts';
export { watchedSignal, type WatchedSignal } from './contract/watched-signal.ts';
export { storeContract } from './contract/store.ts';
export {
  inbound,
  ScriptedChannel,
  type ScriptedChannelOptions,
  type ScriptedOpen,
  type ScriptedOutput,
  type ScriptedSend,
  ScriptedSession,
} from './scripted-channel.ts';
