import { charEstimate, type Clock, type Random, seededRandom } from '@sluice/core';
import type { Ask, AskingRequest, Dialect } from './dialect/dialect.ts';
import { Journal, type OpenExchange } from './journal.ts';
import { type LimiterOptions, Limiter } from './limiter.ts';
import type { Plan } from './plan.ts';
import { withoutKeys } from './question-headers.ts';
import { planRecorded } from './replay.ts';
import { type Reply, Script, type ScriptOptions, type ScriptSource } from './script.ts';

/** How a mocked provider is played, wherever it is. */
export interface UpstreamOptions extends ScriptOptions {
  /** The key to ask for. Requests with another one are refused with 401. Default: any, or none, is let in. */
  readonly apiKey?: string | undefined;
  /** Answers 429 to whoever asks too much, in the provider's words and with its headers. Default: nobody does. */
  readonly limiter?: LimiterOptions | undefined;
  /** What delays, and the limiter's window, are counted on. Default: real time. */
  readonly clock?: Clock | undefined;
  /** Draws jitter and random cuts. The same seed plays the same. @defaultValue `1` */
  readonly seed?: number | undefined;
}

/** One request, its body parsed as JSON; `undefined` for what is none. */
export interface UpstreamRequest extends AskingRequest {
  readonly body: unknown;
}

/** What is to be answered, and where to note the end of it: nowhere, for requests that ask no model. */
export interface Served {
  readonly plan: Plan;
  readonly exchange?: OpenExchange | undefined;
}

/** A mocked provider without a network: decides what each request is answered. MSW and the mock server perform it. */
export class Upstream {
  readonly journal: Journal = new Journal();
  readonly script: Script;
  readonly clock: Clock;
  readonly #options: UpstreamOptions;
  readonly #random: Random;
  readonly #limiter: Limiter | undefined;

  constructor(source: ScriptSource | Script, options: UpstreamOptions & { readonly clock: Clock }) {
    const { clock, seed = 1, limiter } = options;
    this.script = source instanceof Script ? source : new Script(source, options);
    this.clock = clock;
    this.#options = options;
    this.#random = seededRandom(seed);
    this.#limiter = limiter === undefined ? undefined : new Limiter(limiter, clock);
  }

  /** Refuses a request by its headers alone: before its body is read. */
  refuse(dialect: Dialect, { headers }: AskingRequest): Plan | undefined {
    const { apiKey } = this.#options;
    if (apiKey === undefined || dialect.isLetIn(headers, apiKey)) return undefined;
    return dialect.planRefusal(401);
  }

  /** Answers a request that was let in. */
  serve(dialect: Dialect, ask: Ask, request: UpstreamRequest): Served {
    if (ask === 'models') return { plan: dialect.planModels(this.script.models) };
    if (ask === 'health') return { plan: dialect.planHealth?.() ?? dialect.planRefusal(404) };
    if (request.body === undefined) return { plan: dialect.planRefusal(400) };
    const headers = withoutKeys(request.headers);
    const asked = { ...dialect.readQuestion(request.body, request.path), headers };
    const admission = this.#limiter?.admit(request.headers, asked);
    const play = { random: this.#random, nowMs: this.clock.timestamp() };
    if (admission?.isAdmitted === false) {
      const { question } = this.script.refuse(asked);
      const { retryAfterMs, limits } = admission;
      const fault = { kind: 'status', status: 429, retryAfterMs } as const;
      const exchange = this.journal.begin(question);
      return { plan: dialect.planReply(question, { fault, limits }, play), exchange };
    }
    const { question, reply } = this.script.reply(asked);
    const exchange = this.journal.begin(question);
    if (reply.recorded !== undefined) return { plan: planRecorded(reply.recorded), exchange };
    admission?.charge(outputTokens(reply));
    const limited = admission === undefined ? reply : { limits: admission.limits, ...reply };
    return {
      plan: dialect.planReply(question, withCallIds(limited, question.number), play),
      exchange,
    };
  }
}

function outputTokens({ usage, text = '' }: Reply): number {
  return usage?.output.total ?? charEstimate.count([text].flat().join(''));
}

/** Each call of a conversation has an id of its own, as servers give them. */
function withCallIds(reply: Reply, number: number): Reply {
  const toolCalls = reply.toolCalls?.map((call, at) => ({ id: `call_${number}_${at}`, ...call }));
  return toolCalls === undefined ? reply : { ...reply, toolCalls };
}
