import { assertNever } from '../base/assert.ts';
import { toError } from '../base/errors.ts';
import type { ChannelManager } from '../channel/channel-manager.ts';
import type { ClientPool } from '../client/client-pool.ts';
import type { SluiceCommand } from '../events/command.ts';

/** What is to be done for a command, or why it cannot be. */
export type CommandPlan =
  | { readonly kind: 'do'; readonly work: () => unknown }
  | { readonly kind: 'refused'; readonly code: string; readonly reason: string };

/** What a command may concern. */
export interface CommandSubjects {
  readonly clients: ClientPool;
  readonly channels: ChannelManager;
  /** How long a restarted channel goes on answering, in milliseconds. */
  readonly restartDeadlineMs: number;
}

type ChannelCommand = Extract<SluiceCommand, { readonly channel: string }>;
type AddFaultCommand = Extract<SluiceCommand, { readonly type: 'fault.add' }>;
type RemoveFaultCommand = Extract<SluiceCommand, { readonly type: 'fault.remove' }>;

/** Decides what a valid command comes to. Changes nothing. */
export function planCommand(command: SluiceCommand, subjects: CommandSubjects): CommandPlan {
  switch (command.type) {
    case 'channel.restart':
    case 'channel.pause':
    case 'channel.resume':
    case 'channel.stop':
      return planForChannel(command, subjects);
    case 'fault.add':
      return planFault(command, subjects.clients);
    case 'fault.remove':
      return planFaultRemoval(command, subjects.clients);
    case 'pool.drain':
    case 'pool.resize':
    case 'pool.suspend':
    case 'pool.resume':
    case 'lease.revoke':
    case 'target.trip':
    case 'target.reset':
    case 'target.probe':
      // A client pool has no such handles on its pools and targets yet.
      return refused('COMMAND_UNSUPPORTED', `${command.type} is not supported by this engine`);
    default:
      return assertNever(command);
  }
}

function planForChannel(
  { type, channel }: ChannelCommand,
  { channels, restartDeadlineMs: deadlineMs }: CommandSubjects,
): CommandPlan {
  if (!channels.ids.some((id) => id === channel)) {
    return refused('SUBJECT_UNKNOWN', 'There is no such channel');
  }
  switch (type) {
    case 'channel.restart':
      return { kind: 'do', work: () => channels.restart(channel, { deadlineMs }) };
    case 'channel.pause':
      return { kind: 'do', work: () => channels.pause(channel) };
    case 'channel.resume':
      return { kind: 'do', work: () => channels.resume(channel) };
    case 'channel.stop':
      return { kind: 'do', work: () => channels.stop(channel) };
    default:
      return assertNever(type);
  }
}

/** A fault strikes somewhere: one on everything at once would be asked for by leaving out a field by mistake. */
function planFault(command: AddFaultCommand, clients: ClientPool): CommandPlan {
  const { target, pool, kind, every, value, forMs, by } = command;
  if (pool === undefined && target === undefined) {
    return refused('COMMAND_INVALID', 'target or pool must be given');
  }
  if (pool !== undefined && !clients.has(pool)) {
    return refused('SUBJECT_UNKNOWN', 'There is no such pool');
  }
  if (
    target !== undefined &&
    !clients.providerNames.some((name) => target.startsWith(`${name}/`))
  ) {
    return refused('SUBJECT_UNKNOWN', 'There is no provider of such a target');
  }
  const fault = { target, pool, kind, every, value, forMs, by };
  try {
    clients.faults.check(fault);
  } catch (error) {
    return refused('COMMAND_INVALID', toError(error).message);
  }
  return { kind: 'do', work: () => clients.faults.add(fault) };
}

function planFaultRemoval({ fault, by }: RemoveFaultCommand, clients: ClientPool): CommandPlan {
  if (!clients.faults.list().some((other) => other.fault === fault)) {
    return refused('SUBJECT_UNKNOWN', 'There is no such fault: it may have expired');
  }
  return { kind: 'do', work: () => clients.faults.remove(fault, by) };
}

function refused(code: string, reason: string): CommandPlan {
  return { kind: 'refused', code, reason };
}
