import type { FaultKind } from './event.ts';

/** Who asks for what: the fields of every command. */
export interface CommandBase {
  /** Chosen by the asker; events about the command carry it. */
  readonly id: string;
  /** A label of the person or program that asks. */
  readonly by: string;
}

/**
 * What an operator may ask of a running engine. It is executed only if the host granted its type, and leaves an event
 * either way. No command can set a URL, a key or code.
 */
export type SluiceCommand = CommandBase &
  (
    | { readonly type: 'pool.drain'; readonly pool: string; readonly deadlineMs: number }
    | { readonly type: 'pool.resize'; readonly pool: string; readonly maxSize: number }
    | { readonly type: 'pool.suspend' | 'pool.resume'; readonly pool: string }
    | { readonly type: 'lease.revoke'; readonly pool: string; readonly lease: number }
    | { readonly type: 'target.trip' | 'target.reset' | 'target.probe'; readonly target: string }
    | {
        readonly type: 'channel.restart' | 'channel.pause' | 'channel.resume' | 'channel.stop';
        readonly channel: string;
      }
    | AddFault
    | { readonly type: 'fault.remove'; readonly fault: string }
  );

/** Asks for a fault: on one target, or on every target of one pool. */
export interface AddFault {
  readonly type: 'fault.add';
  readonly target?: string | undefined;
  readonly pool?: string | undefined;
  readonly kind: FaultKind;
  /** Every how many attempts it strikes, at least 1. */
  readonly every: number;
  /** Milliseconds for `latency`, the HTTP status for `status`, chunks before the cut or the stall. */
  readonly value?: number | undefined;
  /** How long it lasts, at most 600,000 ms. */
  readonly forMs: number;
}

/** How a command was answered. */
export type CommandResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly code: string; readonly reason: string };
