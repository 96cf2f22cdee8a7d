import { systemClock, type Clock } from '@sluice/core';
import { http, type HttpHandler, HttpResponse } from 'msw';
import { anthropicDialect } from '../mock/dialect/anthropic.ts';
import type { AskingRequest, Dialect } from '../mock/dialect/dialect.ts';
import { geminiDialect } from '../mock/dialect/gemini.ts';
import { ollamaDialect } from '../mock/dialect/ollama.ts';
import { openaiDialect } from '../mock/dialect/openai.ts';
import { responsesDialect } from '../mock/dialect/responses.ts';
import type { Journal, OpenExchange } from '../mock/journal.ts';
import { perform, type Plan, untilAborted } from '../mock/plan.ts';
import type { Script, ScriptSource } from '../mock/script.ts';
import { Upstream, type UpstreamOptions } from '../mock/upstream.ts';

/** How a mocked provider is played. */
export interface MockOptions extends UpstreamOptions {
  /** Whose requests are answered. Default: the provider's own base URL. */
  readonly baseUrl?: string | undefined;
}

/** A mocked provider: handlers for MSW's `setupServer` or `setupWorker`, and what they saw. */
export interface LlmMock {
  readonly handlers: readonly HttpHandler[];
  readonly journal: Journal;
  /** The script being played; `script.add(reply)` adds to it. */
  readonly script: Script;
}

/** Makes the mock of one dialect. */
export type MockDialect = (source: ScriptSource | Script, options?: MockOptions) => LlmMock;

/** Mocked providers by dialect. `llm.openai({ text: 'A gate' })` answers every question of Chat Completions so. */
export const llm: {
  readonly openai: MockDialect;
  readonly anthropic: MockDialect;
  readonly gemini: MockDialect;
  readonly ollama: MockDialect;
  readonly responses: MockDialect;
} = {
  openai: (source, options) => mock(openaiDialect, source, options),
  anthropic: (source, options) => mock(anthropicDialect, source, options),
  gemini: (source, options) => mock(geminiDialect, source, options),
  ollama: (source, options) => mock(ollamaDialect, source, options),
  responses: (source, options) => mock(responsesDialect, source, options),
};

function mock(dialect: Dialect, source: ScriptSource | Script, options: MockOptions = {}): LlmMock {
  const { baseUrl = dialect.baseUrl, clock = systemClock } = options;
  const upstream = new Upstream(source, { ...options, clock });
  const answer = async (request: Request): Promise<Response> => {
    const asking = askingOf(request);
    const refusal = upstream.refuse(dialect, asking);
    if (refusal !== undefined) return respond(refusal, { clock, request });
    const body = asking.method === 'GET' ? undefined : await readJson(request);
    const ask = dialect.ask(asking) ?? 'completion'; // the predicate has asked
    const { plan, exchange } = upstream.serve(dialect, ask, { ...asking, body });
    return respond(plan, { clock, request, exchange });
  };
  // A predicate rather than a path: Gemini's has a colon, which a path pattern takes for a parameter.
  const isOurs = ({ request }: { readonly request: Request }): boolean =>
    isBelow(baseUrl, request.url) && dialect.ask(askingOf(request)) !== undefined;
  const handlers = [http.all(isOurs, ({ request }) => answer(request))];
  const { journal, script } = upstream;
  return { handlers, journal, script };
}

function askingOf({ method, url, headers }: Request): AskingRequest {
  return { method, path: new URL(url).pathname, headers: Object.fromEntries(headers) };
}

/** A base URL without a host, in a page, is below the page's own origin. */
function isBelow(baseUrl: string, url: string): boolean {
  const base = `${baseUrl.replace(/\/+$/, '')}/`;
  return base.startsWith('/') ? new URL(url).pathname.startsWith(base) : url.startsWith(base);
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
