import { systemFetch } from '../transport/runtime.ts';
import { createSseReader } from '../transport/sse.ts';
import { gatewayAddress } from './address.ts';
import { GatewayError } from './client-error.ts';
import type { ChatResponse, ServerFrame, WireError } from './protocol.ts';

/** How a gateway is reached. */
export interface GatewayClientOptions {
  /** Where the gateway is, such as `http://127.0.0.1:4317`. Default: the page's own origin. */
  readonly url?: string | undefined;
  /** The session to go on with. Default: a new one at the first message. */
  readonly session?: string | undefined;
  /** Sent as `Authorization: Bearer`. Asked before each message. Default: none. */
  readonly getToken?: (() => Promise<string> | string) | undefined;
  /** Default: the runtime's own. */
  readonly fetch?: typeof fetch | undefined;
}

/** How one message is sent. */
export interface GatewaySendOptions {
  /** Aborts the message: the gateway stops working on it. */
  readonly signal?: AbortSignal | undefined;
  /** The session to go on with from now on. Default: the one of the message before. */
  readonly session?: string | undefined;
}

/** One reply as it grows: frames in order, the last one `response`. Leaving the loop aborts the message. */
export type GatewayReply = AsyncIterable<ServerFrame>;

/** Talks to a gateway, in one session. */
export interface GatewayClient {
  /** The session's id, once the first message was accepted. */
  readonly session: string | undefined;
  /**
   * Sends a message and waits for the whole reply.
   *
   * @throws {GatewayError} when it is refused or fails. An abort rejects with the signal's reason.
   */
  ask(message: string, options?: GatewaySendOptions): Promise<ChatResponse>;
  /**
   * Sends a message, once it is iterated, and streams the reply. Iterating again sends it again.
   *
   * @throws {GatewayError} while iterating. An abort throws the signal's reason.
   */
  stream(message: string, options?: GatewaySendOptions): GatewayReply;
}

/**
 * Makes a client. Nothing is sent. One client is one conversation: send one message after the other.
 *
 * @throws {TypeError} when `url` is no address, or is missing where there is no page and no `fetch` that knows it.
 */
export function createGatewayClient(options: GatewayClientOptions = {}): GatewayClient {
  return new FetchGatewayClient(options);
}

class FetchGatewayClient implements GatewayClient {
  readonly #options: GatewayClientOptions;
  readonly #address: string;
  #session: string | undefined;

  constructor(options: GatewayClientOptions) {
    this.#options = options;
    this.#address = gatewayAddress(options.url, options.fetch !== undefined);
    this.#session = options.session;
  }

  get session(): string | undefined {
    return this.#session;
  }

  async ask(message: string, options: GatewaySendOptions = {}): Promise<ChatResponse> {
    const response = await this.#post(message, 'application/json', options);
    const body: unknown = await unlessBroken(response.json(), options.signal);
    const answer = body as ChatResponse; // the gateway's own wire
    this.#session = answer.session;
    return answer;
  }

  stream(message: string, options: GatewaySendOptions = {}): GatewayReply {
    return { [Symbol.asyncIterator]: () => this.#stream(message, options) };
  }

  async *#stream(message: string, options: GatewaySendOptions): AsyncGenerator<ServerFrame> {
    const response = await this.#post(message, 'text/event-stream', options);
    for await (const frame of readFrames(response, options.signal)) {
      if (frame.type === 'error') {
        throw new GatewayError(frame.code, frame.error, { retryAfterMs: frame.retry_after_ms });
      }
      if ('session' in frame) this.#session = frame.session;
      yield frame;
      if (frame.type === 'response') return;
    }
    throw new GatewayError('network', 'The reply ended before it was whole');
  }

  async #post(
    message: string,
    accept: string,
    { signal, session = this.#session }: GatewaySendOptions,
  ): Promise<Response> {
    const { getToken, fetch = systemFetch } = this.#options;
    const token = await getToken?.();
    const headers = {
      accept,
      'content-type': 'application/json',
      ...(token !== undefined && { authorization: `Bearer ${token}` }),
    };
    const sent = fetch(`${this.#address}/api/chat`, {
      method: 'POST',
      headers,
      body: JSON.stringify({ message, session }),
      ...(signal !== undefined && { signal }),
    });
    const response = await unlessBroken(sent, signal);
    if (!response.ok) throw await refusalOf(response);
    return response;
  }
}

/** Tells a broken connection as a `GatewayError`, but an abort as itself. */
async function unlessBroken<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  try {
    return await work;
  } catch (cause) {
    signal?.throwIfAborted();
    throw new GatewayError('network', 'The gateway could not be reached, or hung up', { cause });
  }
}

async function refusalOf(response: Response): Promise<GatewayError> {
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  const options = {
    status: response.status,
    retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined,
  };
  try {
    const { code, error } = (await response.json()) as WireError;
    return new GatewayError(code, error, options);
  } catch {
    return new GatewayError('refused', `The gateway answered ${response.status}`, options);
  }
}

/** Reads the frames of a reply. However that ends, the rest is cancelled: by that the gateway learns that we left. */
async function* readFrames(
  response: Response,
  signal: AbortSignal | undefined,
): AsyncGenerator<ServerFrame> {
  const waiting: ServerFrame[] = [];
  const events = createSseReader({
    onEvent: (type, data) => {
      try {
        const fields = JSON.parse(data) as object; // the gateway's own wire
        waiting.push({ type, ...fields } as ServerFrame);
      } catch {
        throw new GatewayError('network', 'The gateway sent no JSON');
      }
    },
    fail: (_kind, message) => new GatewayError('network', message),
  });
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await unlessBroken(reader.read(), signal);
      if (done) return;
      events.push(value);
      yield* waiting.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined); // it may have failed already: then there is nothing to cancel
  }
}
