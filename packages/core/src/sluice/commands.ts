import type { EventBus } from '../base/event-bus.ts';
import type { ChannelManager } from '../channel/channel-manager.ts';
import type { ClientPool } from '../client/client-pool.ts';
import type { CommandResult, SluiceCommand } from '../events/command.ts';
import type { SluiceEventDraft } from '../events/event.ts';
import { toEventError } from '../events/redact.ts';
import { type CommandLabel, parseCommand } from './command-input.ts';
import { planCommand } from './command-plan.ts';

/** What commands are carried out on. */
export interface CommandParts {
  readonly granted: ReadonlySet<SluiceCommand['type']>;
  readonly isStopping: boolean;
  readonly restartDeadlineMs: number;
  readonly clients: ClientPool;
  readonly channels: ChannelManager;
  readonly bus: EventBus<SluiceEventDraft>;
}

/**
 * Answers a command from outside: carried out if it is valid, granted and possible, refused otherwise, with an event
 * either way. One that takes time is answered when it has begun; how it goes on is told by events. Never throws.
 */
export function executeCommand(input: unknown, parts: CommandParts): CommandResult {
  const { granted, bus } = parts;
  const parsed = parseCommand(input);
  const { label } = parsed;
  if (parsed.kind === 'invalid') {
    return refuse(label, { code: 'COMMAND_INVALID', reason: parsed.reason }, bus);
  }
  const { command } = parsed;
  if (!granted.has(command.type)) {
    const reason = `${command.type} is not granted by the host`;
    return refuse(label, { code: 'COMMAND_NOT_GRANTED', reason }, bus);
  }
  if (parts.isStopping) {
    return refuse(label, { code: 'ENGINE_STOPPED', reason: 'The engine is stopping' }, bus);
  }
  const plan = planCommand(command, parts);
  if (plan.kind === 'refused') return refuse(label, plan, bus);
  if (bus.isObserved) bus.emit({ type: 'command.accepted', ...label });
  try {
    begin(plan.work);
    return { ok: true };
  } catch (error) {
    const reason = toEventError(error).message;
    return refuse(label, { code: 'COMMAND_FAILED', reason }, bus);
  }
}

/** Begins what a command asks for. Nobody awaits it: what fails later is a state of its subject, told by its events. */
function begin(work: () => unknown): void {
  const done = work();
  if (done instanceof Promise) done.catch(() => undefined);
}

function refuse(
  label: CommandLabel,
  { code, reason }: { readonly code: string; readonly reason: string },
  bus: EventBus<SluiceEventDraft>,
): CommandResult {
  if (bus.isObserved) bus.emit({ type: 'command.refused', ...label, code, reason });
  return { ok: false, code, reason };
}
