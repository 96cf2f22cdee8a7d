import { type Clock, seededRandom, systemClock } from '@sluice/core';
import { http, type HttpHandler, HttpResponse } from 'msw';
import { planModels, planReply, readQuestion } from '../mock/dialect/openai.ts';
import { planRefusal } from '../mock/dialect/openai-error.ts';
import { Journal, type OpenExchange } from '../mock/journal.ts';
import { perform, type Plan, untilAborted } from '../mock/plan.ts';
import { Script, type ScriptOptions, type ScriptSource } from '../mock/script.ts';

/** How a mocked provider is played. */
export interface MockOptions extends ScriptOptions {
  /** Whose requests are answered. Default: the provider's own base URL. */
  readonly baseUrl?: string | undefined;
  /** What delays are counted on. Default: real time. */
  readonly clock?: Clock | undefined;
  /** Draws jitter and random cuts. The same seed plays the same. @defaultValue `1` */
  readonly seed?: number | undefined;
}

/** A mocked provider: handlers for MSW's `setupServer` or `setupWorker`, and what they saw. */
export interface LlmMock {
  readonly handlers: readonly HttpHandler[];
  readonly journal: Journal;
  /** The script being played; `script.add(reply)` adds to it. */
  readonly script: Script;
}

/** Mocked providers by dialect. `llm.openai({ text: 'A gate' })` answers every question of Chat Completions so. */
export const llm: {
  readonly openai: (source: ScriptSource | Script, options?: MockOptions) => LlmMock;
} = { openai: mockOpenAi };

function mockOpenAi(source: ScriptSource | Script, options: MockOptions = {}): LlmMock {
  const { baseUrl = 'https://api.openai.com/v1', clock = systemClock, seed = 1 } = options;
  const script = source instanceof Script ? source : new Script(source, options);
  const journal = new Journal();
  const random = seededRandom(seed);
  const answer = async (request: Request): Promise<Response> => {
    const body = await readJson(request);
    if (body === undefined) return respond(planRefusal(400), { clock, request });
    const { question, reply } = script.reply(readQuestion(body));
    const exchange = journal.begin(question);
    return respond(planReply(question, reply, random), { clock, request, exchange });
  };
  const handlers = [
    http.post(`${baseUrl}/chat/completions`, ({ request }) => answer(request)),
    http.get(`${baseUrl}/models`, ({ request }) =>
      respond(planModels(script.models), { clock, request }),
    ),
  ];
  return { handlers, journal, script };
}

interface Performance {
  readonly clock: Clock;
  readonly request: Request;
  /** Missing for requests that ask no model. */
  readonly exchange?: OpenExchange | undefined;
}

async function respond(plan: Plan, { clock, request, exchange }: Performance): Promise<Response> {
  if (plan.kind === 'hang') {
    await untilAborted(request.signal);
    exchange?.abort();
    return HttpResponse.error();
  }
  if (plan.kind === 'refuse') {
    exchange?.finish();
    return HttpResponse.error();
  }
  const { status, headers } = plan;
  return new HttpResponse(bodyOf(plan, { clock, request, exchange }), { status, headers });
}

/** The body of an answer. It ends as planned, or early, when the reader cancels it or the request is aborted. */
function bodyOf(
  plan: Extract<Plan, { kind: 'answer' }>,
  { clock, request, exchange }: Performance,
): ReadableStream<Uint8Array> {
  const left = new AbortController();
  let isWanted = deferred();
  const leave = (): void => {
    exchange?.abort();
    left.abort();
    isWanted.resolve();
  };
  const start = (controller: ReadableStreamDefaultController<Uint8Array>): void => {
    if (request.signal.aborted) leave();
    else request.signal.addEventListener('abort', leave, { once: true });
    const stage = {
      // Waits until the bytes are taken: an error would throw away what is still queued before it.
      write: async (bytes: Uint8Array): Promise<void> => {
        isWanted = deferred();
        controller.enqueue(bytes);
        await isWanted.promise;
      },
      close: () => controller.close(),
      reset: () => controller.error(new TypeError('terminated')),
    };
    // Not awaited: a stream gives nothing out before its start is over. It cannot fail: the stage is ours.
    void perform(plan, stage, { clock, signal: left.signal }).then(() => exchange?.finish());
  };
  const source = { start, pull: () => isWanted.resolve(), cancel: leave };
  return new ReadableStream<Uint8Array>(source, { highWaterMark: 0 });
}

interface Gate {
  readonly promise: Promise<void>;
  readonly resolve: () => void;
}

function deferred(): Gate {
  let resolve = (): void => undefined;
  const promise = new Promise<void>((done) => {
    resolve = done;
  });
  return { promise, resolve };
}

async function readJson(request: Request): Promise<unknown> {
  try {
    return await request.json();
  } catch {
    return undefined;
  }
}
