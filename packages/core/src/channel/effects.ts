import type { Subscription } from 'rxjs';
import type { Clock } from '../base/clock.ts';
import { deferred } from '../base/deferred.ts';
import { isSluiceError } from '../base/errors.ts';
import { toEventError } from '../events/redact.ts';
import type { CloseReason, Session } from './channel.ts';
import type { ChannelInput, ChannelTimer } from './channel-input.ts';
import { Connection } from './connection.ts';
import type { Delivery } from './delivery.ts';
import { dial } from './dial.ts';
import type { ChannelEffect, ReportEffect } from './effect.ts';
import { ChannelFailedError } from './errors.ts';
import { Intake, type SourceEnding } from './intake.ts';
import type { ResolvedChannelDefinition } from './options.ts';
import type { Ending } from './restart-policy.ts';
import type { ChannelState } from './state.ts';

/** What effects need. */
export interface EffectPorts {
  readonly clock: Clock;
  readonly delivery: () => Delivery;
  readonly definition: () => ResolvedChannelDefinition;
  /** Whether somebody paused the channel. */
  readonly isHeld: () => boolean;
  /** The definition of a swap under way. */
  readonly next: () => ResolvedChannelDefinition;
  readonly adopt: () => void;
  readonly rejectNext: () => void;
  /** Gives a result to the reducer. */
  readonly post: (input: ChannelInput) => void;
  /** Remembers what was thrown, for whoever waits for the channel. */
  readonly onError: (error: unknown) => void;
  readonly onReplayGap: (generation: number) => void;
  readonly onReport: (effect: ReportEffect) => void;
}

/** Does what the reducer wants done, and posts what comes of it. Owns connections, dials and timers. */
export class ChannelEffects {
  readonly #ports: EffectPorts;
  /** Every session that is open, by its generation. */
  readonly #connections = new Map<number, Connection>();
  readonly #timers = new Map<
    ChannelTimer,
    { readonly dueAt: number; readonly cancel: () => void }
  >();
  #current: Connection | undefined;
  #dialing: AbortController | undefined;
  #hangingUp: Promise<void> = Promise.resolve();
  #resume: unknown;
  #drainingGeneration: number | undefined;
  #ownership: Subscription | undefined;
  #fence: number | undefined;

  constructor(ports: EffectPorts) {
    this.#ports = ports;
  }

  /** The connection that serves now, if replies can be sent by it. */
  get current(): Connection | undefined {
    return this.#current?.isOpen === true ? this.#current : undefined;
  }

  /** Whether a connection may be made: no ownership is needed, or it is this process's. */
  get mayConnect(): boolean {
    return this.#ports.definition().ownership === undefined || this.#fence !== undefined;
  }

  /** Does one thing. `state` is the one that the reducer gave with it. */
  run(effect: ChannelEffect, state: ChannelState): void {
    const { delivery, post } = this.#ports;
    switch (effect.type) {
      case 'dial':
        return void this.#dial(effect); // posts its failure
      case 'cancelDial':
        return this.#cancelDial();
      case 'openIntake':
        return this.#openIntake(effect.generation, state);
      case 'closeIntake':
        return void this.#closeIntake(state.generation);
      case 'hold':
        return delivery().hold();
      case 'release':
        delivery().release();
        return this.wake();
      case 'drain':
        return this.#drain(state.generation);
      case 'abandon':
        return delivery().abandon(
          new ChannelFailedError('The channel has stopped', { reason: 'stopped' }),
        );
      case 'hangUp':
        return void this.#hangUp(state.generation, effect.keepSession, effect.isHasty); // never rejects
      case 'discard':
        return this.#discard(effect.generation, true);
      case 'retire':
        return this.#retire(effect.generation, effect.deadlineMs);
      case 'adopt':
        return this.#ports.adopt();
      case 'rejectNext':
        return this.#ports.rejectNext();
      case 'compete':
        return this.#compete();
      case 'disown':
        return this.#disown();
      case 'setTimer':
        return this.#setTimer(effect.timer, effect.delayMs, state.generation);
      case 'clearTimers':
        return this.#clearTimers();
      case 'startAgain':
        return post({ type: 'start', by: 'hand' });
      case 'report':
        return this.#ports.onReport(effect);
    }
  }

  /** Looks again: messages that waited for room may be taken, and a drain may be over. */
  wake(): void {
    for (const { intake } of this.#connections.values()) intake?.wake();
    const generation = this.#drainingGeneration;
    if (generation === undefined || !this.#isDrained) return;
    this.#drainingGeneration = undefined;
    this.#ports.post({ type: 'drained', generation });
  }

  get #isDrained(): boolean {
    if (!this.#ports.delivery().isIdle) return false;
    return [...this.#connections.values()].every(({ intake }) => intake?.isDone !== false);
  }

  async #dial({
    generation,
    definition,
    overlap,
  }: Extract<ChannelEffect, { type: 'dial' }>): Promise<void> {
    const { clock, post, onReplayGap } = this.#ports;
    const chosen = definition === 'next' ? this.#ports.next() : this.#ports.definition();
    const dialing = new AbortController();
    this.#dialing = dialing;
    try {
      if (overlap !== true) await this.#hangingUp;
      if (dialing.signal.aborted) return;
      const resume = this.#resume;
      const session = await dial(chosen.channel, {
        clock,
        signal: dialing.signal,
        resume,
        timeoutMs: chosen.restart.connectTimeoutMs,
        onLate: (late) => this.#closeLate(late),
      });
      this.#adoptSession(generation, session, chosen);
      if (resume !== undefined && session.resumed === false) onReplayGap(generation);
      post({ type: 'opened', generation });
    } catch (error) {
      if (dialing.signal.aborted) return;
      this.#ports.onError(error);
      post({ type: 'openFailed', generation, ending: faultOf(error, chosen) });
    }
  }

  #cancelDial(): void {
    this.#dialing?.abort(new ChannelFailedError('No longer wanted', { reason: 'superseded' }));
    this.#dialing = undefined;
  }

  #closeLate(session: Session): void {
    const late = new Connection(0, session);
    void late.close({ keepSession: false }, new AbortController().signal); // never rejects
  }

  #adoptSession(generation: number, session: Session, chosen: ResolvedChannelDefinition): void {
    const connection = new Connection(generation, session, chosen.channel.capabilities);
    this.#connections.set(generation, connection);
    const ended = (reason: CloseReason): void => this.#onClosed(connection, reason);
    session.closed.then(ended, (error: unknown) => ended({ kind: 'fault', error }));
  }

  #openIntake(generation: number, state: ChannelState): void {
    const connection = this.#connections.get(generation);
    if (connection === undefined) return;
    const delivery = this.#ports.delivery();
    this.#current = connection;
    this.#clearTimers();
    const intake = new Intake({
      bufferSize: this.#ports.definition().queue.bufferSize,
      hasRoom: () => delivery.hasRoom && !this.#ports.isHeld(),
      accept: (message) => delivery.accept(message, connection),
      onRefused: (message) => delivery.refuse(message, connection),
      onEnded: (ending) => this.#onSourceEnded(connection, ending),
      onChange: () => this.wake(),
    });
    connection.intake = intake;
    if (state.held) delivery.hold();
    else delivery.release();
    delivery.wake();
    intake.open(connection.session.source);
  }

  async #closeIntake(generation: number): Promise<void> {
    await this.#current?.intake?.close();
    this.#ports.post({ type: 'intakeClosed', generation });
  }

  #drain(generation: number): void {
    this.#drainingGeneration = generation;
    this.#ports.delivery().release(); // what waited for a resume is answered too
    for (const { intake } of this.#connections.values()) void intake?.close(); // tells by `onChange`
    this.wake();
  }

  async #hangUp(generation: number, keepSession: boolean, isHasty: boolean): Promise<void> {
    this.#drainingGeneration = undefined;
    for (const open of this.#connections.keys()) this.#discard(open, keepSession, isHasty);
    await this.#hangingUp;
    if (!keepSession) this.#resume = undefined;
    this.#ports.post({ type: 'hungUp', generation });
  }

  /** Takes no more from the old connection. It stays open for what came by it, since only it may be able to answer. */
  #retire(generation: number, deadlineMs: number): void {
    const connection = this.#connections.get(generation);
    if (connection === undefined) return;
    void connection.intake?.close(); // what it still holds is taken as room comes
    const hangUp = (): void => this.#discard(generation, true);
    const cancel = this.#ports.clock.after(deadlineMs, hangUp);
    connection.whenQuiet(() => {
      cancel();
      hangUp();
    });
  }

  #discard(generation: number, keepSession: boolean, isHasty = false): void {
    const connection = this.#connections.get(generation);
    if (connection === undefined) return;
    this.#connections.delete(generation);
    if (this.#current === connection) this.#current = undefined;
    const closing = this.#close(connection, keepSession, isHasty);
    this.#hangingUp = Promise.all([this.#hangingUp, closing]).then(() => undefined);
  }

  /** Waits for the session to close, but not for ever: a new connection, or the end of a stop, may wait behind it. */
  async #close(connection: Connection, keepSession: boolean, isHasty: boolean): Promise<void> {
    const patience = new AbortController();
    if (isHasty) patience.abort(new ChannelFailedError('No time left', { reason: 'stopped' }));
    const closed = deferred<void>();
    const cancel = this.#ports.clock.after(isHasty ? HASTY_CLOSE_MS : CLOSE_MS, () => {
      patience.abort(new ChannelFailedError(`Not closed within ${CLOSE_MS} ms`));
      closed.resolve();
    });
    void connection.close({ keepSession }, patience.signal).then(closed.resolve); // never rejects
    await closed.promise;
    cancel();
    if (keepSession) this.#resume = connection.session.resumeInfo?.();
  }

  #onClosed(connection: Connection, reason: CloseReason): void {
    connection.markEnded();
    const { generation } = connection;
    const ending = endingOf(reason, this.#ports.definition());
    if (reason.kind !== 'clean') this.#ports.onError(reason.error);
    this.#ports.post({ type: 'ended', generation, ending });
  }

  /** The source may end before the connection: replies can still go out then. */
  #onSourceEnded({ generation }: Connection, ending: SourceEnding): void {
    const definition = this.#ports.definition();
    if (ending.kind === 'fault') this.#ports.onError(ending.error);
    this.#ports.post({
      type: 'ended',
      generation,
      ending: { ...endingOf(ending, definition), isOpen: true },
    });
  }

  #compete(): void {
    const { definition, clock, post } = this.#ports;
    const { ownership, id } = definition();
    if (ownership === undefined) return;
    if (this.#ownership !== undefined) {
      if (this.#fence !== undefined) post({ type: 'owned' });
      return;
    }
    this.#ownership = ownership.compete(id, { clock }).subscribe((state) => {
      const wasOwner = this.#fence !== undefined;
      this.#fence = state.role === 'owner' ? state.fence : undefined;
      if (state.role === 'owner') post({ type: 'owned' });
      else if (wasOwner) post({ type: 'disowned' });
    });
  }

  #disown(): void {
    this.#ownership?.unsubscribe();
    this.#ownership = undefined;
    this.#fence = undefined;
  }

  #setTimer(timer: ChannelTimer, delayMs: number, generation: number): void {
    const { clock, post } = this.#ports;
    const running = this.#timers.get(timer);
    const dueAt = clock.now() + delayMs;
    if (timer === 'deadline' && running !== undefined && running.dueAt <= dueAt) return;
    running?.cancel();
    const cancel = clock.after(delayMs, () => {
      this.#timers.delete(timer);
      post({ type: 'elapsed', timer, generation });
    });
    this.#timers.set(timer, { dueAt, cancel });
  }

  #clearTimers(): void {
    for (const { cancel } of this.#timers.values()) cancel();
    this.#timers.clear();
  }
}

/** How long a session may take to close before its patience is ended, in milliseconds. */
const CLOSE_MS = 1_000;

/** How long one may take that was told at once not to take its time. */
const HASTY_CLOSE_MS = 100;

function endingOf(reason: CloseReason, definition: ResolvedChannelDefinition): Ending {
  switch (reason.kind) {
    case 'clean':
      return { kind: 'clean', cause: 'closed' };
    case 'fatal':
      return { ...faultOf(reason.error, definition), kind: 'fatal' };
    case 'fault': {
      const ending = faultOf(reason.error, definition);
      return { ...ending, retryAfterMs: reason.retryAfterMs ?? ending.retryAfterMs };
    }
  }
}

function faultOf(thrown: unknown, { restart }: ResolvedChannelDefinition): Ending {
  const kind = isFatal(thrown, restart.classify) ? 'fatal' : 'fault';
  const retryAfterMs = ChannelFailedError.is(thrown) ? thrown.retryAfterMs : undefined;
  return { kind, cause: causeOf(thrown, kind), error: toEventError(thrown), retryAfterMs };
}

function isFatal(
  thrown: unknown,
  classify: ResolvedChannelDefinition['restart']['classify'],
): boolean {
  if (classify === undefined) return ChannelFailedError.is(thrown) && thrown.fatal;
  try {
    return classify(thrown) === 'fatal';
  } catch {
    return false; // an error that cannot be told apart is tried again
  }
}

function causeOf(thrown: unknown, kind: string): string {
  if (ChannelFailedError.is(thrown)) return thrown.reason;
  return isSluiceError(thrown) ? thrown.code : kind;
}
