// A provider for a server that answers `POST /ask` with lines of JSON: `{"say":"…"}` as often as it likes, then
// `{"end":"stop","in":3,"out":5}`.
import {
  assistantMessage,
  type Client,
  type CompletionChunk,
  type CompletionRequest,
  kindOfStatus,
  type Provider,
  ProviderError,
  type ProviderErrorKind,
  textOf,
} from '@sluice/core';

type Context = Parameters<Client['stream']>[1];

/** Makes the provider. Nothing is sent before a client is asked. */
export function acme({ baseUrl }: { readonly baseUrl: string }): Provider {
  const client: Client = {
    model: 'acme-1',
    stream: (request, context) => answer(baseUrl, request, context),
  };
  return { name: 'acme', createClient: () => client };
}

/** A generator does nothing before it is iterated, and its `finally` runs however the reader leaves. */
async function* answer(
  baseUrl: string,
  request: CompletionRequest,
  context: Context,
): AsyncGenerator<CompletionChunk, void> {
  const { signal } = context;
  signal.throwIfAborted();
  const call = new AbortController();
  const leave = (): void => call.abort(signal.reason);
  signal.addEventListener('abort', leave);
  try {
    const body = JSON.stringify({ prompt: request.messages.map(textOf).join('\n') });
    const response = await fetch(`${baseUrl}/ask`, { method: 'POST', body, signal: call.signal });
    const { status } = response;
    context.onMeta?.({ status });
    if (status !== 200) throw refusal(response);
    yield* chunksOf(linesOf(response, context));
  } catch (error) {
    signal.throwIfAborted(); // an abort rejects with its own reason, whatever came of it on the way
    throw ProviderError.is(error) ? error : failure('network', 'The connection broke', error);
  } finally {
    signal.removeEventListener('abort', leave); // a caller's signal outlives the call
    call.abort(); // and nothing of the call outlives this
  }
}

async function* linesOf(response: Response, { onBytes }: Context): AsyncGenerator<string, void> {
  const decoder = new TextDecoder(); // one for the body: the network cuts through characters
  let open = '';
  for await (const bytes of response.body ?? []) {
    onBytes?.(); // life, even if it says nothing
    const lines = (open + decoder.decode(bytes, { stream: true })).split('\n');
    open = lines.pop() ?? '';
    if (open.length > 1_000_000) throw failure('malformed', 'A line has no end');
    yield* lines;
  }
  if (open !== '') yield open;
}

/** Throws when the answer carries an error, cannot be read, or ends before its end: none of these is an answer. */
async function* chunksOf(lines: AsyncIterable<string>): AsyncGenerator<CompletionChunk, void> {
  yield { type: 'start', model: 'acme-1' };
  let text = '';
  for await (const line of lines) {
    const said = parsed(line);
    if (said.error !== undefined) throw failure('server', `It broke off: ${said.error}`);
    if (said.say !== undefined) {
      text += said.say;
      yield { type: 'text', index: 0, delta: said.say };
    }
    if (said.end === undefined) continue;
    const usage = { input: { total: said.in ?? 0 }, output: { total: said.out ?? 0 } };
    const finish = { reason: said.end === 'stop' ? 'stop' : 'other', raw: said.end } as const;
    yield { type: 'done', finish, usage, message: assistantMessage(text), attempts: [] };
    return;
  }
  throw failure('truncated', 'The answer ended before its end');
}

interface Line {
  readonly say?: string;
  readonly error?: string;
  readonly end?: string;
  readonly in?: number;
  readonly out?: number;
}

function parsed(line: string): Line {
  try {
    return JSON.parse(line) as Line;
  } catch {
    throw failure('malformed', 'It sent a line that is no JSON'); // without the line: it is somebody's text
  }
}

function refusal({ status, headers }: Response): ProviderError {
  const seconds = Number(headers.get('retry-after') ?? Number.NaN);
  const retryAfterMs = Number.isNaN(seconds) ? undefined : seconds * 1_000;
  const message = `acme answered ${status}`;
  return new ProviderError(kindOfStatus(status), message, {
    provider: 'acme',
    status,
    retryAfterMs,
  });
}

function failure(kind: ProviderErrorKind, message: string, cause?: unknown): ProviderError {
  return new ProviderError(kind, message, { provider: 'acme', cause });
}
