import type { Clock } from '../base/clock.ts';
import type { InboundMessage } from '../message/envelope.ts';
import type { Channel, CloseReason, Session } from './channel.ts';
import type { ChannelInput } from './channel-input.ts';
import { ChannelTimers } from './channel-timers.ts';
import { Connection } from './connection.ts';
import type { Delivery } from './delivery.ts';
import { dial } from './dial.ts';
import type { ChannelEffect, ReportEffect } from './effect.ts';
import { endingOf, faultOf } from './ending.ts';
import { ChannelFailedError } from './errors.ts';
import { hangUpWithin } from './hang-up.ts';
import { Intake, type SourceEnding } from './intake.ts';
import { type LettingGo, OpenConnections } from './open-connections.ts';
import type { ResolvedChannelDefinition } from './options.ts';
import { OwnershipClaim } from './ownership-claim.ts';
import { answersMessages, type ChannelState } from './state.ts';

/** What effects need. */
export interface EffectPorts {
  readonly clock: Clock;
  readonly delivery: () => Delivery;
  readonly definition: () => ResolvedChannelDefinition;
  /** The definition of a swap under way. */
  readonly next: () => ResolvedChannelDefinition;
  /** Where the channel stands now. */
  readonly state: () => ChannelState;
  readonly adopt: () => void;
  readonly rejectNext: () => void;
  /** Gives a result to the reducer. */
  readonly post: (input: ChannelInput) => void;
  /** Remembers what was thrown, for whoever waits for the channel. */
  readonly onError: (error: unknown) => void;
  readonly onReplayGap: (generation: number) => void;
  readonly onReport: (effect: ReportEffect) => void;
}

type DialEffect = Extract<ChannelEffect, { readonly type: 'dial' }>;

/** Does what the reducer wants done, and posts what comes of it. Owns connections, dials and timers. */
export class ChannelEffects {
  readonly #ports: EffectPorts;
  readonly #timers: ChannelTimers;
  readonly #claim: OwnershipClaim;
  readonly #connections: OpenConnections;
  #dialing: AbortController | undefined;
  #drainingGeneration: number | undefined;

  constructor(ports: EffectPorts) {
    this.#ports = ports;
    this.#timers = new ChannelTimers(ports.clock);
    this.#connections = new OpenConnections(ports.clock);
    this.#claim = new OwnershipClaim({
      onOwned: () => ports.post({ type: 'owned' }),
      onLost: () => ports.post({ type: 'disowned' }),
    });
  }

  /** The connection that serves now, if replies can be sent by it. */
  get current(): Connection | undefined {
    return this.#connections.current;
  }

  /** Whether a connection may be made: no ownership is needed, or it is this process's. */
  get mayConnect(): boolean {
    return this.#ports.definition().ownership === undefined || this.#claim.fence !== undefined;
  }

  /** Does one thing. `state` is the one that the reducer gave with it. */
  run(effect: ChannelEffect, state: ChannelState): void {
    const { delivery, post } = this.#ports;
    const { generation } = state;
    switch (effect.type) {
      case 'dial':
        return void this.#dial(effect); // posts its failure
      case 'cancelDial':
        return this.#cancelDial();
      case 'openIntake':
        return this.#openIntake(effect.generation);
      case 'closeIntake':
        return void this.#closeIntake(generation); // never rejects
      case 'hold':
        delivery().hold();
        return this.wake();
      case 'release':
        delivery().release();
        return this.wake();
      case 'drain':
        return this.#drain(generation);
      case 'abandon':
        return delivery().abandon(stoppedError());
      case 'hangUp':
        return void this.#hangUp(generation, effect); // never rejects
      case 'discard':
        return this.#connections.discard(effect.generation, effect);
      case 'retire':
        return this.#connections.retire(effect.generation, effect.deadlineMs);
      case 'adopt':
        return this.#ports.adopt();
      case 'rejectNext':
        return this.#ports.rejectNext();
      case 'compete':
        return this.#compete();
      case 'disown':
        return this.#claim.release();
      case 'setTimer': {
        const { timer, delayMs } = effect;
        return this.#timers.set(timer, delayMs, () => post({ type: 'elapsed', timer, generation }));
      }
      case 'clearTimers':
        return this.#timers.clear();
      case 'startAgain':
        return post({ type: 'start', by: 'hand' });
      case 'report':
        return this.#ports.onReport(effect);
    }
  }

  /** Looks again: messages that waited for room may be taken, and a drain may be over. */
  wake(): void {
    this.#connections.wake();
    const generation = this.#drainingGeneration;
    if (generation === undefined || !this.#isDrained) return;
    this.#drainingGeneration = undefined;
    this.#ports.post({ type: 'drained', generation });
  }

  get #isDrained(): boolean {
    return this.#ports.delivery().isIdle && this.#connections.areDone;
  }

  /** Unless both may be open at once, it waits until the connections before are really closed. */
  async #dial({ generation, definition, overlap }: DialEffect): Promise<void> {
    const { clock, post, onReplayGap, onError } = this.#ports;
    const chosen = definition === 'next' ? this.#ports.next() : this.#ports.definition();
    const dialing = new AbortController();
    const { signal } = dialing;
    this.#dialing = dialing;
    try {
      if (overlap !== true) await this.#connections.hungUp;
      if (signal.aborted) return;
      const { resume } = this.#connections;
      const { fence } = this.#claim;
      const session = await dial(chosen.channel, {
        clock,
        signal,
        resume,
        fence,
        timeoutMs: chosen.restart.connectTimeoutMs,
        onLate: (late) => this.#closeLate(late),
      });
      this.#keep(generation, session, { channel: chosen.channel, fence });
      if (resume !== undefined && session.resumed === false) onReplayGap(generation);
      post({ type: 'opened', generation }); // one that is stale by now is discarded there
    } catch (error) {
      if (signal.aborted) return;
      onError(error);
      post({ type: 'openFailed', generation, ending: faultOf(error, chosen.restart) });
    }
  }

  #cancelDial(): void {
    this.#dialing?.abort(new ChannelFailedError('No longer wanted', { reason: 'superseded' }));
    this.#dialing = undefined;
  }

  #closeLate(session: Session): void {
    const late = new Connection(0, session, { onBroken: this.#ports.onError });
    void hangUpWithin(late, { clock: this.#ports.clock, keepSession: false, isHasty: false });
  }

  #keep(
    generation: number,
    session: Session,
    { channel, fence }: { readonly channel: Channel; readonly fence: number | undefined },
  ): void {
    const { capabilities } = channel;
    const fault = (error: unknown): void => this.#onClosed(connection, { kind: 'fault', error });
    const connection: Connection = new Connection(generation, session, {
      capabilities,
      fence,
      onBroken: fault,
    });
    this.#connections.add(connection);
    session.closed.then((reason) => this.#onClosed(connection, reason), fault);
  }

  #openIntake(generation: number): void {
    const connection = this.#connections.serve(generation);
    if (connection === undefined) return;
    const delivery = this.#ports.delivery();
    this.#timers.clear();
    connection.intake = new Intake(connection.session, {
      bufferSize: this.#ports.definition().queue.bufferSize,
      hasRoom: () => delivery.hasRoom && !this.#ports.state().held,
      holdsBack: () => this.#ports.state().held || delivery.isBlocking,
      accept: (message) => this.#accept(message, connection),
      onRefused: (message) => delivery.refuse(message, connection),
      onEnded: (ending) => void this.#onSourceEnded(connection, ending), // never rejects
      onChange: () => this.wake(),
    });
    if (this.#ports.state().held) delivery.hold();
    else delivery.release();
    delivery.wake();
    connection.intake.open();
  }

  /** A receive call may return with a message after all has ended: it is told, not forgotten. */
  #accept(message: InboundMessage, connection: Connection): boolean {
    const { delivery, state } = this.#ports;
    if (answersMessages(state())) return delivery().accept(message, connection);
    delivery().giveUp(message, connection);
    return true;
  }

  async #closeIntake(generation: number): Promise<void> {
    await this.#connections.closeIntake();
    this.#ports.post({ type: 'intakeClosed', generation });
  }

  #drain(generation: number): void {
    this.#drainingGeneration = generation;
    this.#ports.delivery().release(); // what waited for a resume is answered too
    this.#connections.closeIntakes();
    this.wake();
  }

  async #hangUp(generation: number, how: LettingGo): Promise<void> {
    this.#drainingGeneration = undefined;
    await this.#connections.discardAll(how);
    this.#ports.post({ type: 'hungUp', generation });
  }

  #onClosed(connection: Connection, reason: CloseReason): void {
    connection.markEnded();
    if (reason.kind !== 'clean') this.#ports.onError(reason.error);
    const ending = endingOf(reason, this.#ports.definition().restart);
    this.#ports.post({ type: 'ended', generation: connection.generation, ending });
  }

  /**
   * The source may end before the connection: replies can still go out then. A connection that ends in the same step is
   * heard first, since it knows why.
   */
  async #onSourceEnded({ generation }: Connection, reason: SourceEnding): Promise<void> {
    await Promise.resolve();
    if (reason.kind === 'fault') this.#ports.onError(reason.error);
    const ending = { ...endingOf(reason, this.#ports.definition().restart), isOpen: true };
    this.#ports.post({ type: 'ended', generation, ending });
  }

  #compete(): void {
    const { definition, clock } = this.#ports;
    const { ownership, id } = definition();
    if (ownership !== undefined) this.#claim.compete(ownership, id, clock);
  }
}

function stoppedError(): ChannelFailedError {
  return new ChannelFailedError('The channel has stopped', { reason: 'stopped' });
}
