import { type LinkedAbort, linkedAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { toError } from '../base/errors.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { EventError } from '../events/event.ts';
import { toEventError } from '../events/redact.ts';
import type {
  Attempt,
  Completion,
  CompletionChunk,
  CompletionRequest,
  PartialCompletion,
  Usage,
} from '../message/completion.ts';
import { classify } from '../resilience/classify.ts';
import { type AttemptEnd, eventUsage, LiveAttempt } from './attempt.ts';
import type { CompletionReader } from './completion-stream.ts';
import type { ClientPoolEventDraft } from './events.ts';
import type { Strike } from './fault.ts';
import type { Grant, Wish } from './lending.ts';
import type { Member } from './member.ts';

/** Who a call is for, and how long and how eagerly it waits. */
export interface CallOptions {
  readonly runId: string;
  readonly signal: AbortSignal | undefined;
  readonly timeoutMs: number | undefined;
  readonly priority: number | undefined;
  readonly tenant: string | undefined;
  /** Who may be asked, in order. Asked once, when the call starts. @throws when nobody may. */
  readonly members: () => readonly Member[];
}

/** What a call needs of the client pool around it. */
export interface CallHost {
  readonly clock: Clock;
  readonly bus: EventBus<ClientPoolEventDraft>;
  /** Numbers a call that starts. */
  callStarts(): number;
  /** Counts a call that failed. */
  callFailed(): void;
  /** Lends a client: at once when one is there, so that nobody waits for a promise. Throws or rejects when none is. */
  acquire(wish: Wish): Grant | Promise<Grant>;
  /** What faults added by hand do to the attempt that starts now. */
  strikes(target: string, pool: string): readonly Strike[];
}

/**
 * One call, over as many attempts as it takes. Until the first content a fault of one target leads to the next, unseen:
 * what comes before content is held back. After it a fault is the caller's, with the partial: another target would tell
 * another story.
 */
export class FailoverCall implements CompletionReader {
  readonly #host: CallHost;
  readonly #request: CompletionRequest;
  readonly #options: CallOptions;
  readonly #attempts: Attempt[] = [];
  /** Who may still be asked, in order. */
  #members: readonly Member[] = [];
  #attempt: LiveAttempt | undefined;
  /** What came before the content, and the first of it. */
  #held: CompletionChunk[] = [];
  #wait: LinkedAbort | undefined;
  #id = 0;
  /** What the first in order would answer with, for events of a call that names no model. */
  #firstModel = 'default';
  #lastFailure: Error | undefined;
  /** How many attempts have begun. */
  #begun = 0;
  #startedAt = 0;
  #isStarted = false;
  #isLeft = false;
  #isOver = false;

  /** Nothing happens before the first `next`. */
  constructor(host: CallHost, request: CompletionRequest, options: CallOptions) {
    this.#host = host;
    this.#request = request;
    this.#options = options;
  }

  get partial(): PartialCompletion | undefined {
    return this.#attempt?.partial;
  }

  get usage(): Usage | undefined {
    return this.#attempt?.usage;
  }

  /** The whole answer, once it is, with what was tried for it. */
  get completion(): Completion | undefined {
    return this.#attempt?.completion;
  }

  /**
   * Gives the next chunk, and `undefined` once the answer is whole and the lease back. One call at a time.
   *
   * @throws {ProviderError} with the attempts, and with the partial when content had arrived.
   * @throws the signal's reason, untouched, when it was aborted.
   * @throws {CircuitOpenError} {RateLimitedError} {NoTargetError} and the pool's errors when nobody could be asked.
   */
  next(): Promise<CompletionChunk | undefined> {
    if (this.#isLeft) return Promise.resolve(undefined);
    if (this.#held.length > 0) return Promise.resolve(this.#held.shift());
    const attempt = this.#attempt;
    // Once content has come there is one attempt and nothing to decide: no promise is put between it and the reader.
    return attempt !== undefined && attempt.hasContent ? attempt.next() : this.#first();
  }

  async leave(): Promise<void> {
    this.#isLeft = true;
    this.#wait?.abort();
    await this.#attempt?.leave();
    this.#fail(undefined);
  }

  /** Asks one after the other until content comes. */
  async #first(): Promise<CompletionChunk | undefined> {
    try {
      this.#start();
      for (;;) {
        const next = this.#nextAttempt();
        const attempt = next instanceof Promise ? await next : next;
        if (attempt === undefined) return undefined; // its reader left while it waited
        if (await this.#hasContentOf(attempt)) return this.#held.shift();
      }
    } catch (error) {
      this.#fail(error);
      if (this.#isLeft) return undefined;
      throw error;
    }
  }

  #start(): void {
    const { signal } = this.#options;
    signal?.throwIfAborted();
    this.#members = this.#options.members();
    this.#firstModel = this.#members[0]?.model ?? 'default';
    this.#id = this.#host.callStarts();
    this.#startedAt = this.#host.clock.now();
    this.#isStarted = true;
    this.#report('call.started');
  }

  /** Reads up to the first content. False when the next target is to be asked. @throws what ends the call. */
  async #hasContentOf(attempt: LiveAttempt): Promise<boolean> {
    try {
      while (!attempt.hasContent) {
        const chunk = await attempt.next();
        if (chunk === undefined) return true; // its reader left
        this.#hold(chunk);
      }
      return true;
    } catch (error) {
      if (attempt.outcome !== undefined) this.#attempts.push(attempt.outcome);
      this.#held = [];
      if (!this.#goesOn(error)) throw error;
      this.#lastFailure = toError(error);
      this.#report('call.failedOver');
      return false;
    }
  }

  /** Before content there are a start and counts of tokens: of each the latest is kept. */
  #hold(chunk: CompletionChunk): void {
    this.#held = [...this.#held.filter(({ type }) => type !== chunk.type), chunk];
  }

  #goesOn(error: unknown): boolean {
    if (this.#isLeft || this.#members.length === 0) return false;
    const { kind } = classify(error, this.#options.signal);
    return kind !== 'aborted' && kind !== 'fatal';
  }

  /** Starts the next attempt: in this very turn when a client is idle. `undefined` when the reader left meanwhile. */
  #nextAttempt(): LiveAttempt | Promise<LiveAttempt | undefined> {
    const lent = this.#acquire();
    if (lent instanceof Promise) return this.#attemptAfter(lent);
    return this.#begin(lent) ?? this.#attemptAfter(this.#acquire());
  }

  async #attemptAfter(first: Grant | Promise<Grant>): Promise<LiveAttempt | undefined> {
    for (let lent = first; ; lent = this.#acquire()) {
      const grant = await this.#granted(lent);
      // This is the turn in which the caller hears of its client. If it left since, nobody else would give it back.
      if (this.#isGone) grant?.lease.release();
      if (this.#isLeft) return undefined;
      this.#options.signal?.throwIfAborted();
      const attempt = grant === undefined ? undefined : this.#begin(grant);
      if (attempt !== undefined) return attempt;
    }
  }

  /** @throws what the last attempt failed with, when nobody else can be asked. */
  #acquire(): Grant | Promise<Grant> {
    const { runId, timeoutMs, priority, tenant } = this.#options;
    const members = this.#members;
    const { model } = this.#request;
    this.#options.signal?.throwIfAborted(); // a signal that is aborted already tells nobody who waits
    const signal = (): AbortSignal => this.#waitSignal();
    try {
      const wait = { label: runId, timeoutMs, priority, tenant, signal };
      return this.#host.acquire({ members, model, asksTargets: true, ...wait });
    } catch (error) {
      throw this.#lastFailure ?? error;
    }
  }

  /** Waits for a client. `undefined` when the caller left: that is no failure of the wait. */
  async #granted(lent: Grant | Promise<Grant>): Promise<Grant | undefined> {
    try {
      return await lent;
    } catch (error) {
      if (this.#isGone) return undefined;
      throw this.#lastFailure ?? error;
    } finally {
      this.#wait?.[Symbol.dispose]();
    }
  }

  get #isGone(): boolean {
    return this.#isLeft || this.#options.signal?.aborted === true;
  }

  /** Made only for a call that has to wait. */
  #waitSignal(): AbortSignal {
    this.#wait = linkedAbort(this.#options.signal);
    return this.#wait.signal;
  }

  /** Begins an attempt, unless the target changed its mind while the client came: then the lease goes back. */
  #begin({ lease, member }: Grant): LiveAttempt | undefined {
    const target = member.targetOf(lease.resource, this.#request.model);
    if (target.admission().kind !== 'admitted') {
      lease.release();
      return undefined;
    }
    this.#members = this.#members.filter((other) => other !== member);
    this.#begun += 1;
    const { clock, bus } = this.#host;
    const { timeoutsBesideOthers, timeoutsAlone } = member.options;
    const { runId, signal, tenant, priority } = this.#options;
    const attempt = new LiveAttempt({
      lease,
      target,
      request: this.#request,
      timeouts: this.#members.length > 0 ? timeoutsBesideOthers : timeoutsAlone,
      strikes: this.#host.strikes(target.id, target.pool),
      ids: { runId, call: this.#id, attempt: this.#begun },
      earlier: [...this.#attempts],
      signal,
      tenant,
      priority,
      clock,
      bus,
      onEnd: (end) => this.#onEnd(end),
    });
    this.#attempt = attempt;
    if (this.#isLeft) void attempt.leave(); // an observer of its start left; it never rejects
    return attempt;
  }

  /** Before content `#first` decides what the end of an attempt means; after it the end is the call's. */
  #onEnd(end: AttemptEnd): void {
    if (end.kind === 'finished') this.#finish(end.usage);
    else if (this.#attempt?.hasContent === true) this.#fail(end.error);
  }

  #finish(usage: Usage): void {
    this.#isOver = true;
    if (!this.#host.bus.isObserved) return;
    const durationMs = this.#host.clock.now() - this.#startedAt;
    const fields = this.#fields();
    this.#host.bus.emit({ type: 'call.finished', ...fields, durationMs, usage: eventUsage(usage) });
  }

  #fail(error: unknown): void {
    if (this.#isOver || !this.#isStarted) return;
    this.#isOver = true;
    this.#host.callFailed();
    if (!this.#host.bus.isObserved) return;
    const durationMs = this.#host.clock.now() - this.#startedAt;
    const isAborted = this.#isLeft || classify(error, this.#options.signal).kind === 'aborted';
    const told = isAborted ? ABORTED : toEventError(error);
    this.#host.bus.emit({ type: 'call.failed', ...this.#fields(), durationMs, error: told });
  }

  #report(type: 'call.started' | 'call.failedOver'): void {
    if (this.#host.bus.isObserved) this.#host.bus.emit({ type, ...this.#fields() });
  }

  #fields(): { runId: string; call: number; model: string; attempts: number } {
    const model = this.#attempt?.outcome?.model ?? this.#request.model ?? this.#firstModel;
    return { runId: this.#options.runId, call: this.#id, model, attempts: this.#begun };
  }
}

/** An abort's reason is the caller's own and may hold anything: events tell only that it was one. */
const ABORTED: EventError = { name: 'AbortError', code: 'ABORTED', message: 'The caller left' };
