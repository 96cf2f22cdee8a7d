import { type LinkedAbort, linkedAbort, onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import type { EventBus } from '../base/event-bus.ts';
import type { AttemptFields, EventUsage } from '../events/run-event.ts';
import { CompletionCollector } from '../message/collect.ts';
import type {
  Attempt,
  Completion,
  CompletionChunk,
  CompletionRequest,
  DoneChunk,
  PartialCompletion,
  Usage,
} from '../message/completion.ts';
import type { Lease } from '../pool/lease.ts';
import type { CircuitPass } from '../resilience/circuit-breaker.ts';
import type { ErrorClass } from '../resilience/classify.ts';
import type { Client, ResponseMeta } from './client.ts';
import { ProviderError, type ProviderErrorKind } from './errors.ts';
import type { ClientPoolEventDraft } from './events.ts';
import { type Strike, struck } from './fault.ts';
import { isClientBroken, returnLease } from './lease-return.ts';
import { type Target, verdictOf } from './target.ts';
import type { ResolvedTimeouts } from './timeouts.ts';
import { type TimeoutKind, Watchdog } from './watchdog.ts';

/** What an attempt is made of. The attempt owns the lease and ends it. */
export interface AttemptOptions {
  readonly lease: Lease<Client>;
  /** Admits the call in this very turn. */
  readonly target: Target;
  readonly request: CompletionRequest;
  readonly timeouts: ResolvedTimeouts;
  /** What faults added by hand do to it. */
  readonly strikes: readonly Strike[];
  readonly ids: Pick<AttemptFields, 'runId' | 'call' | 'attempt'>;
  /** What the call tried before: the end of the answer, and the error, list it. */
  readonly earlier: readonly Attempt[];
  /** The caller's. */
  readonly signal: AbortSignal | undefined;
  readonly tenant: string | undefined;
  readonly priority: number | undefined;
  readonly clock: Clock;
  readonly bus: EventBus<ClientPoolEventDraft>;
  /** Hears of the end, in the turn in which it comes: before the reader does. */
  readonly onEnd: (end: AttemptEnd) => void;
}

/** How an attempt ended. An abort is a failure with the reason as its error. */
export type AttemptEnd =
  | { readonly kind: 'finished'; readonly usage: Usage }
  | { readonly kind: 'failed'; readonly error: unknown };

interface Reader {
  readonly resolve: (chunk: CompletionChunk | undefined) => void;
  readonly reject: (reason: unknown) => void;
}

/**
 * One try at one target, with one lease: four timeouts, one abort, and one end, after which nothing of it is left: no
 * timer, no listener, no request. Pulled: it asks the client for the next chunk only when it is asked for one itself.
 *
 * The lease ends when the client has let go of the request, so that a provider never sees more calls than leases: at
 * most 100 ms after the reader left. A client that takes longer is not lent again.
 */
export class LiveAttempt {
  readonly #options: AttemptOptions;
  readonly #collector: CompletionCollector;
  readonly #pass: CircuitPass;
  readonly #link: LinkedAbort;
  readonly #watchdog: Watchdog;
  #iterator: AsyncIterator<CompletionChunk> | undefined;
  /** The pull under way: the client's answer to it, and who waits for that. */
  #pull: Promise<IteratorResult<CompletionChunk>> | undefined;
  #reader: Reader | undefined;
  #hasByte = false;
  #hasContent = false;
  #end: AttemptEnd | undefined;
  /** Why the client must not be lent again. */
  #broken: { readonly cause: unknown } | undefined;
  #outcome: Attempt | undefined;
  #over: Promise<void> | undefined;

  /** Takes the target's leave and starts the timeouts. Read it to the end or `leave` it. */
  constructor(options: AttemptOptions) {
    const { clock, timeouts, target, request, lease, signal } = options;
    this.#options = options;
    this.#collector = new CompletionCollector(request);
    this.#pass = target.begin();
    this.#report('attempt.started', 0);
    this.#watchdog = new Watchdog(clock, timeouts, (kind, ms) => this.#timeOut(kind, ms));
    this.#link = linkedAbort(signal, lease.signal);
    onAbort(this.#link.signal, (reason) => this.#fail(reason));
  }

  /** Whether anything of the answer has arrived. */
  get hasContent(): boolean {
    return this.#hasContent;
  }

  /** What has arrived, when content has. */
  get partial(): PartialCompletion | undefined {
    return this.#hasContent ? this.#collector.partial : undefined;
  }

  /** The tokens used so far: told by the provider, or estimated. */
  get usage(): Usage {
    return this.#collector.usage;
  }

  /** The whole answer, once it is, with all attempts of its call. */
  get completion(): Completion | undefined {
    return this.#collector.completion;
  }

  /** How it ended, as answers and errors list it. `undefined` while it runs. */
  get outcome(): Attempt | undefined {
    return this.#outcome;
  }

  /**
   * Asks for the next chunk; `undefined` after `done`, once the lease is back. One call at a time.
   *
   * @throws {ProviderError} when the attempt failed, with the partial when content had arrived.
   * @throws the signal's reason, untouched, when it was aborted.
   */
  next(): Promise<CompletionChunk | undefined> {
    const end = this.#end;
    if (end?.kind === 'failed') return Promise.reject(end.error);
    if (end !== undefined) return this.#isOver().then(nothing);
    return new Promise((resolve, reject) => {
      this.#reader = { resolve, reject };
      this.#watchdog.waits();
      this.#ask();
    });
  }

  /** Leaves: aborts what is under way. Resolves when the lease is back. Does nothing after the end. */
  leave(): Promise<void> {
    if (this.#end === undefined) {
      const reader = this.#takeReader();
      this.#stop(new DOMException('The reader left', 'AbortError'), { kind: 'aborted' }, '');
      reader?.resolve(undefined);
    }
    return this.#isOver();
  }

  #ask(): void {
    try {
      this.#iterator ??= this.#open();
      this.#pull = Promise.resolve(this.#iterator.next());
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#pull.then(
      (result) => {
        try {
          this.#onResult(result);
        } catch (error) {
          this.#fail(error); // a client of the host's own may give anything
        }
      },
      (error: unknown) => this.#onError(error),
    );
  }

  #open(): AsyncIterator<CompletionChunk> {
    const { lease, request, strikes, target, clock, timeouts, tenant, priority } = this.#options;
    const { signal } = this.#link;
    const deadline = timeouts.totalMs === Infinity ? undefined : clock.now() + timeouts.totalMs;
    const onMeta = (meta: ResponseMeta): void => this.#onMeta(meta);
    const onBytes = (): void => this.#watchdog.alive();
    const context = { signal, deadline, tenant, priority, onMeta, onBytes };
    const stream = lease.resource.stream(request, context);
    if (strikes.length === 0) return stream[Symbol.asyncIterator]();
    const { pool: provider, model } = target;
    return struck(stream, strikes, { clock, signal, provider, model });
  }

  #onMeta({ limits }: ResponseMeta): void {
    if (this.#end !== undefined) return;
    this.#sawByte();
    if (limits !== undefined) this.#options.target.learn(limits);
  }

  #onResult(result: IteratorResult<CompletionChunk>): void {
    this.#pull = undefined;
    if (this.#end !== undefined) return; // it was left meanwhile: nobody reads this
    this.#watchdog.arrived();
    if (result.done === true) {
      this.#iterator = undefined;
      this.#fail(this.#error('truncated', 'ended its answer without an end'));
      return;
    }
    this.#onChunk(result.value);
  }

  #onError(error: unknown): void {
    this.#pull = undefined;
    this.#iterator = undefined; // an iterator that threw has ended
    this.#fail(error);
  }

  #onChunk(chunk: CompletionChunk): void {
    this.#sawByte();
    if (chunk.type !== 'done') this.#collector.add(chunk);
    if (chunk.type === 'done' || this.#collector.hasContent) this.#sawContent(); // an empty answer is one
    if (this.#end !== undefined) return; // an observer of these events aborted it
    if (chunk.type === 'done') this.#onDone(chunk);
    else this.#takeReader()?.resolve(chunk);
  }

  #sawByte(): void {
    if (this.#hasByte) return;
    this.#hasByte = true;
    this.#watchdog.firstByte();
    this.#report('attempt.firstByte', this.#watchdog.elapsedMs);
  }

  #sawContent(): void {
    if (this.#hasContent) return;
    this.#hasContent = true;
    this.#watchdog.firstContent();
    const durationMs = this.#watchdog.elapsedMs;
    const smoothedMs = this.#options.target.sawFirstContent(durationMs);
    this.#report('attempt.firstContent', durationMs, { smoothedMs });
  }

  #onDone(done: DoneChunk): void {
    const { finish, usage } = done;
    const end = { kind: 'finished', usage } as const;
    const told = { finishReason: finish.reason, usage: eventUsage(usage) }; // before anything ends: it may be malformed
    const outcome = this.#close('finished');
    this.#end = end;
    const chunk = { ...done, attempts: [...this.#options.earlier, outcome] };
    this.#collector.add(chunk);
    this.#options.target.end(this.#pass, undefined, '');
    this.#report('attempt.finished', outcome.durationMs, told);
    this.#options.onEnd(end);
    void this.#isOver(); // it never rejects
    this.#takeReader()?.resolve(chunk);
  }

  #timeOut(kind: TimeoutKind, limitMs: number): void {
    this.#fail(this.#error(kind, `${TIMEOUT_TEXT[kind]} within ${limitMs} ms`));
  }

  #fail(thrown: unknown): void {
    if (this.#end !== undefined) return;
    const { failure, reason } = verdictOf(thrown, this.#options.signal);
    const reader = this.#takeReader();
    const error = this.#stop(thrown, failure, reason);
    reader?.reject(error);
  }

  /** Ends it early, and gives the error for its reader. State first, then the client hears of it, then all others. */
  #stop(thrown: unknown, failure: ErrorClass, reason: string): unknown {
    const isAborted = failure.kind === 'aborted';
    const { earlier, target, onEnd } = this.#options;
    if (!isAborted && isClientBroken(thrown)) this.#broken = { cause: thrown };
    const outcome = this.#close(isAborted ? 'aborted' : 'failed', reason);
    const error =
      !isAborted && ProviderError.is(thrown)
        ? thrown.with({
            provider: target.pool, // its adapter may know it by another name; events and attempts do not
            partial: this.partial,
            attempts: [...earlier, outcome],
          })
        : thrown;
    this.#end = { kind: 'failed', error };
    this.#link.abort(error);
    target.end(this.#pass, failure, reason);
    const told = isAborted ? { kind: 'aborted' } : kindOf(thrown);
    const partial = this.#hasContent;
    this.#report('attempt.failed', outcome.durationMs, { ...told, partial });
    onEnd(this.#end);
    void this.#isOver(); // it never rejects
    return error;
  }

  /** Stops the timers and the listening. */
  #close(outcome: Attempt['outcome'], code?: string): Attempt {
    const durationMs = this.#watchdog.elapsedMs;
    const { ids, target } = this.#options;
    this.#watchdog.stop();
    this.#link[Symbol.dispose]();
    this.#outcome = {
      attempt: ids.attempt,
      provider: target.pool,
      model: target.model,
      durationMs,
      outcome,
      ...(outcome === 'failed' ? { code: code ?? 'OTHER' } : {}),
    };
    return this.#outcome;
  }

  /** Gives the lease back once the client has let go of the request. Does so once. */
  #isOver(): Promise<void> {
    const { lease, clock } = this.#options;
    const iterator = this.#iterator;
    const pull = this.#pull;
    this.#over ??= returnLease({ lease, iterator, pull, broken: this.#broken, clock });
    return this.#over;
  }

  #takeReader(): Reader | undefined {
    const reader = this.#reader;
    this.#reader = undefined;
    return reader;
  }

  #error(kind: ProviderErrorKind, what: string): ProviderError {
    const { pool: provider, model, id } = this.#options.target;
    return new ProviderError(kind, `${id} ${what}`, { provider, model });
  }

  #report(type: string, durationMs: number, more: object = {}): void {
    const { bus, ids, target, lease } = this.#options;
    if (!bus.isObserved) return;
    const fields = { ...ids, target: target.id, pool: target.pool, lease: lease.id, durationMs };
    bus.emit({ type, ...fields, ...more } as ClientPoolEventDraft); // each caller gives its type's fields
  }
}

const TIMEOUT_TEXT: Readonly<Record<TimeoutKind, string>> = {
  'first-byte-timeout': 'did not answer',
  'first-content-timeout': 'sent no content',
  'idle-timeout': 'sent nothing more',
  'total-timeout': 'did not finish',
};

function kindOf(error: unknown): { kind: string; status?: number; retryAfterMs?: number } {
  if (!ProviderError.is(error)) return { kind: 'other' };
  const { kind, status, retryAfterMs } = error;
  return {
    kind,
    ...(status === undefined ? {} : { status }),
    ...(retryAfterMs === undefined ? {} : { retryAfterMs }),
  };
}

/** Token counts as events show them. */
export function eventUsage({ input, output, estimated }: Usage): EventUsage {
  const counts = { inputTokens: input.total, outputTokens: output.total };
  return estimated === true ? { ...counts, estimated } : counts;
}

function nothing(): undefined {
  return undefined;
}
