import { onAbort } from '../base/abort.ts';
import type { Clock } from '../base/clock.ts';
import { type Deferred, deferred } from '../base/deferred.ts';
import type { CallContext, Client, RateLimits } from '../client/client.ts';
import { ProviderError, type ProviderErrorKind } from '../client/errors.ts';
import type { Provider } from '../client/provider.ts';
import { kindOfStatus } from '../client/status-kind.ts';
import type {
  CompletionChunk,
  CompletionRequest,
  FinishReason,
  Usage,
} from '../message/completion.ts';
import type { ToolCall } from '../message/content.ts';
import { assistantMessage } from '../message/message.ts';

/** How a scripted provider answers one request: pieces of text, then an end. */
export interface ScriptedReply {
  /** The answer's text, one delta each. Default: `Hello` and ` there`. */
  readonly pieces?: readonly string[] | undefined;
  /** Tools that the answer asks for, after the text. Default: none. */
  readonly toolCalls?: readonly ToolCall[] | undefined;
  /** What comes after the pieces. Default: a whole answer. */
  readonly end?: ScriptedEnd | undefined;
  readonly usage?: Usage | undefined;
  /** Default: `stop`, or `tool-calls` when there are some. */
  readonly finish?: FinishReason | undefined;
  /** How long the headers take, in milliseconds. Default 0. */
  readonly headersMs?: number | undefined;
  /** How long each piece takes, in milliseconds. Default 0. */
  readonly pieceMs?: number | undefined;
  /** How long the body takes to be cancelled after an abort, in milliseconds. Default 0. */
  readonly cancelMs?: number | undefined;
  /** What the headers tell of the rate limits. */
  readonly limits?: RateLimits | undefined;
}

/** How an answer ends. All but `done` are faults. */
export type ScriptedEnd =
  /** The answer is whole. */
  | { readonly kind: 'done' }
  /** The stream closes properly, without its end. */
  | { readonly kind: 'cut' }
  /** The connection breaks. */
  | { readonly kind: 'reset' }
  /** Something comes that no decoder can read. */
  | { readonly kind: 'malformed' }
  /** The body carries an error, after a good status. */
  | { readonly kind: 'error' }
  /** Nothing more comes, and nothing ends. */
  | { readonly kind: 'stall' }
  /** Not even the status comes. The pieces are left out. */
  | { readonly kind: 'hang' }
  /** A status other than 200. The pieces are left out. */
  | {
      readonly kind: 'status';
      readonly status: number;
      readonly retryAfterMs?: number | undefined;
    };

/** How a scripted provider is made. */
export interface ScriptedProviderOptions {
  readonly clock: Clock;
  /** Default `scripted`. */
  readonly name?: string | undefined;
  /** Default `scripted-1`. */
  readonly model?: string | undefined;
  /** Answers the requests that come when the script is over. Default: a whole answer. */
  readonly reply?: ScriptedReply | ((request: CompletionRequest) => ScriptedReply) | undefined;
}

/** A provider without a network: its clients answer as scripted, faults included, on the clock given. */
export class ScriptedProvider implements Provider {
  readonly name: string;
  readonly model: string;
  /** What was asked, in order. */
  readonly requests: CompletionRequest[] = [];
  /** The most requests that were under way at once. */
  highWater = 0;
  /** How many requests were left before their end. */
  aborted = 0;
  /** How many clients were made and closed. */
  created = 0;
  closed = 0;

  readonly #clock: Clock;
  readonly #reply: (request: CompletionRequest) => ScriptedReply;
  readonly #script: ScriptedReply[] = [];
  readonly #watchers: { readonly count: number; readonly seen: Deferred<void> }[] = [];
  #open = 0;

  constructor(options: ScriptedProviderOptions) {
    const { reply = {} } = options;
    this.name = options.name ?? 'scripted';
    this.model = options.model ?? 'scripted-1';
    this.#clock = options.clock;
    this.#reply = typeof reply === 'function' ? reply : () => reply;
  }

  /** How many requests are under way. */
  get open(): number {
    return this.#open;
  }

  /** Adds replies to the script: each is the answer to one request, in order. */
  script(...replies: readonly ScriptedReply[]): void {
    this.#script.push(...replies);
  }

  /** Resolves once `count` requests in all have been left before their end. */
  whenAborted(count: number): Promise<void> {
    if (this.aborted >= count) return Promise.resolve();
    const watcher = { count, seen: deferred<void>() };
    this.#watchers.push(watcher);
    return watcher.seen.promise;
  }

  createClient(): Client {
    this.created += 1;
    return {
      model: this.model,
      stream: (request, context) => this.#stream(request, context),
      close: () => {
        this.closed += 1;
      },
    };
  }

  async *#stream(
    request: CompletionRequest,
    context: CallContext,
  ): AsyncGenerator<CompletionChunk, void, undefined> {
    context.signal.throwIfAborted();
    const reply = this.#script.shift() ?? this.#reply(request);
    this.#begin(request);
    let isOver = false;
    try {
      yield* this.#answer(request, reply, context);
      isOver = true;
    } catch (error) {
      isOver = !context.signal.aborted; // else the reader left, for whatever reason
      throw error;
    } finally {
      if (!isOver && reply.cancelMs !== undefined) await this.#wait(reply.cancelMs);
      this.#finish(isOver);
    }
  }

  async *#answer(
    request: CompletionRequest,
    reply: ScriptedReply,
    context: CallContext,
  ): AsyncGenerator<CompletionChunk, void, undefined> {
    const { pieces = ['Hello', ' there'], end = { kind: 'done' }, pieceMs = 0 } = reply;
    if (end.kind === 'hang') await never(context.signal);
    await this.#wait(reply.headersMs ?? 0, context.signal);
    const status = end.kind === 'status' ? end.status : 200;
    context.onMeta?.({ status, limits: reply.limits });
    if (end.kind === 'status') throw this.#statusError(end);
    yield { type: 'start', model: request.model ?? this.model, responseId: 'scripted-response' };
    for (const delta of pieces) {
      await this.#wait(pieceMs, context.signal);
      context.onBytes?.();
      yield { type: 'text', index: 0, delta };
    }
    yield* toolChunks(reply.toolCalls ?? []);
    await this.#end(end, context.signal);
    if (end.kind === 'done') yield doneChunk(pieces.join(''), reply);
  }

  async #end(end: ScriptedEnd, signal: AbortSignal): Promise<void> {
    if (end.kind === 'stall') await never(signal);
    if (end.kind === 'reset') throw this.#error('network', 'The connection was reset');
    if (end.kind === 'malformed') throw this.#error('malformed', 'A line could not be read');
    if (end.kind === 'error') throw this.#error('server', 'The answer carried an error');
  }

  #statusError(end: { readonly status: number; readonly retryAfterMs?: number | undefined }) {
    const message = `The provider answered ${end.status}`;
    const { status, retryAfterMs } = end;
    return new ProviderError(kindOfStatus(status), message, {
      provider: this.name,
      model: this.model,
      status,
      retryAfterMs,
    });
  }

  #error(kind: ProviderErrorKind, message: string): ProviderError {
    return new ProviderError(kind, message, { provider: this.name, model: this.model });
  }

  #begin(request: CompletionRequest): void {
    this.requests.push(request);
    this.#open += 1;
    this.highWater = Math.max(this.highWater, this.#open);
  }

  #finish(isOver: boolean): void {
    this.#open -= 1;
    if (isOver) return;
    this.aborted += 1;
    for (const { count, seen } of this.#watchers) if (this.aborted >= count) seen.resolve();
  }

  /** Waits on the clock. Zero takes no timer. @throws `signal.reason` when the signal is aborted first. */
  #wait(durationMs: number, signal?: AbortSignal): Promise<void> {
    if (durationMs === 0) return Promise.resolve(signal?.throwIfAborted());
    return new Promise((resolve, reject) => {
      const cancel = this.#clock.after(durationMs, () => {
        stopListening();
        resolve();
      });
      const stopListening = onAbort(signal, (reason) => {
        cancel();
        reject(reason);
      });
    });
  }
}

function never(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => onAbort(signal, reject));
}

function* toolChunks(calls: readonly ToolCall[]): Generator<CompletionChunk, void, undefined> {
  let index = 1;
  for (const call of calls) {
    yield { type: 'tool-start', index, id: call.id, name: call.name };
    yield { type: 'tool-delta', index, delta: JSON.stringify(call.input) };
    yield { type: 'tool', index, call };
    index += 1;
  }
}

function doneChunk(text: string, reply: ScriptedReply): CompletionChunk {
  const calls = (reply.toolCalls ?? []).map((call) => ({ type: 'tool-call', call }) as const);
  const texts = text === '' ? [] : [{ type: 'text', text } as const];
  const reason = reply.finish ?? (calls.length > 0 ? 'tool-calls' : 'stop');
  return {
    type: 'done',
    finish: { reason },
    usage: reply.usage ?? { input: { total: 3 }, output: { total: 5 } },
    message: assistantMessage([...texts, ...calls]),
    attempts: [],
  };
}
