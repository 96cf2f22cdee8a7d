import type { Clock } from '../base/clock.ts';
import type { RunId } from '../base/id.ts';
import { invariant } from '../base/assert.ts';
import type { CompletionChunk, CompletionRequest, DoneChunk } from '../message/completion.ts';
import type { InboundMessage } from '../message/envelope.ts';
import { textOf, userMessage } from '../message/message.ts';
import type { SessionStore } from '../store/store.ts';
import { type AgentDefinition, type ResolvedAgent, resolveAgent } from './agent.ts';
import { type FittedContext, fitContext } from './context.ts';
import type { RunChunk } from './run-chunk.ts';
import { remember } from './remember.ts';
import { RunReport, type RunReporter } from './run-report.ts';
import { SessionTurns } from './session.ts';

/** Who answers requests: a client pool, or whatever streams completions as one does. */
export interface CompletionSource {
  stream(
    request: CompletionRequest,
    options: CompletionSourceOptions,
  ): AsyncIterable<CompletionChunk>;
}

/** What accompanies a request of a runtime. */
export interface CompletionSourceOptions {
  readonly signal?: AbortSignal | undefined;
  readonly runId?: RunId | undefined;
  readonly provider?: string | undefined;
}

/** What a runtime works with. */
export interface RuntimeOptions {
  readonly clients: CompletionSource;
  readonly store: SessionStore;
  readonly clock: Clock;
  /** Shared by all runtimes that share a store. Default: the runtime's own. */
  readonly turns?: SessionTurns | undefined;
  /** Default: nobody hears of runs. */
  readonly reporter?: RunReporter | undefined;
}

/** What accompanies one run. */
export interface RunOptions {
  readonly runId: RunId;
  readonly signal: AbortSignal;
}

/** One agent at work: turns a message into an answer and remembers both. */
export class Runtime {
  readonly #agent: ResolvedAgent;
  readonly #options: RuntimeOptions;
  readonly #turns: SessionTurns;

  /** @throws {TypeError} when the definition is not valid. */
  constructor(agent: AgentDefinition, options: RuntimeOptions) {
    this.#agent = resolveAgent(agent);
    this.#options = options;
    this.#turns = options.turns ?? new SessionTurns();
  }

  /** The agent, with its defaults filled in. */
  get agent(): ResolvedAgent {
    return this.#agent;
  }

  /**
   * Answers one message. Cold: nothing happens before it is iterated, and each iteration asks and remembers anew. Runs
   * of one namespace take turns. Message and answer are remembered together, once the answer is whole: after a failure
   * or an abort the history is as if the message had not come. An answer that cannot be remembered is a failure.
   *
   * @throws `signal.reason`, untouched, when the signal is aborted.
   * @throws whatever the client pool or the store throws.
   */
  async *run(message: InboundMessage, options: RunOptions): AsyncGenerator<RunChunk, void, void> {
    const { clock, reporter } = this.#options;
    const report = new RunReport({
      runId: options.runId,
      agent: this.#agent.name,
      clock,
      reporter,
    });
    report.started();
    try {
      const turn = await this.#turns.take(message.namespace, options.signal);
      try {
        yield* this.#answer(message, report, options);
      } finally {
        turn[Symbol.dispose]();
      }
    } catch (error) {
      report.failed(error);
      throw error;
    } finally {
      report.leftByReader(); // unless it has ended
    }
  }

  async *#answer(
    message: InboundMessage,
    report: RunReport,
    options: RunOptions,
  ): AsyncGenerator<RunChunk, void, void> {
    const { store } = this.#options;
    const { signal } = options;
    const { namespace } = message;
    const session = await store.load(namespace, { signal });
    signal.throwIfAborted();
    const asked = userMessage(message.text);
    const context = fitContext(
      { instructions: this.#agent.instructions, history: session.messages, message: asked },
      this.#agent,
    );
    report.turnStarted(context.leftOut);

    const done = yield* this.#ask(context, report, options);
    const messages = [asked, done.message];
    await remember(store, { namespace, version: session.version, messages }, signal);
    report.finished(done.usage);
    const { finish, usage } = done;
    yield { type: 'finished', text: textOf(done.message), finish, usage, leftOut: context.leftOut };
  }

  /** Streams one completion; gives its last chunk. */
  async *#ask(
    context: FittedContext,
    report: RunReport,
    { runId, signal }: RunOptions,
  ): AsyncGenerator<RunChunk, DoneChunk, void> {
    const { provider } = this.#agent;
    const chunks = this.#options.clients.stream(this.#requestFor(context), {
      signal,
      runId,
      provider,
    });
    let done: DoneChunk | undefined;
    for await (const chunk of chunks) {
      if (chunk.type === 'done') done = chunk;
      if (chunk.type !== 'text' || chunk.delta === '') continue;
      report.content();
      yield { type: 'delta', text: chunk.delta };
    }
    invariant(done !== undefined, 'a completion ends with `done` or throws');
    return done;
  }

  #requestFor({ messages }: FittedContext): CompletionRequest {
    const { model, maxTokens, temperature, topP, providerOptions } = this.#agent;
    return { messages, model, maxTokens, temperature, topP, providerOptions };
  }
}
