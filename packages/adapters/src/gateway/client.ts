import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { systemFetch } from '../transport/runtime.ts';
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
}

/** One reply as it grows: frames in order, the last one `response`. Leaving the loop aborts the message. */
export type GatewayReply = AsyncIterable<ServerFrame>;

/** Talks to a gateway, in one session. */
export interface GatewayClient {
  /** The session's id, once the first message was accepted. */
  readonly session: string | undefined;
  /** Sends a message and waits for the whole reply. @throws {GatewayError} when it is refused or fails. */
  ask(message: string, options?: GatewaySendOptions): Promise<ChatResponse>;
  /** Sends a message, once it is iterated, and streams the reply. @throws {GatewayError} while iterating. */
  stream(message: string, options?: GatewaySendOptions): GatewayReply;
}

/** Makes a client. Nothing is sent. One client is one conversation: send one message after the other. */
export function createGatewayClient(options: GatewayClientOptions = {}): GatewayClient {
  return new FetchGatewayClient(options);
}

/** The longest event that is read, in UTF-16 units. */
const MAX_EVENT_LENGTH = 1_048_576;

class FetchGatewayClient implements GatewayClient {
  readonly #options: GatewayClientOptions;
  #session: string | undefined;

  constructor(options: GatewayClientOptions) {
    this.#options = options;
    this.#session = options.session;
  }

  get session(): string | undefined {
    return this.#session;
  }

  async ask(message: string, options: GatewaySendOptions = {}): Promise<ChatResponse> {
    const response = await this.#post(message, 'application/json', options.signal);
    const body = (await response.json()) as ChatResponse; // the gateway's own wire
    this.#session = body.session;
    return body;
  }

  async *stream(message: string, { signal }: GatewaySendOptions = {}): AsyncGenerator<ServerFrame> {
    const leaving = new AbortController();
    const leave = (): void => leaving.abort(signal?.reason);
    if (signal?.aborted === true) leave();
    signal?.addEventListener('abort', leave, { once: true });
    try {
      const response = await this.#post(message, 'text/event-stream', leaving.signal);
      let isWhole = false;
      for await (const frame of readFrames(response)) {
        if (frame.type === 'error') throw new GatewayError(frame.code, frame.error);
        if ('session' in frame) this.#session = frame.session;
        isWhole = frame.type === 'response';
        yield frame;
      }
      if (!isWhole) throw new GatewayError('network', 'The reply ended before it was whole');
    } finally {
      signal?.removeEventListener('abort', leave);
      leaving.abort(); // a reply that is left early is not worked on any longer
    }
  }

  async #post(message: string, accept: string, signal: AbortSignal | undefined): Promise<Response> {
    const { url = '', getToken, fetch = systemFetch } = this.#options;
    const token = await getToken?.();
    const headers = {
      accept,
      'content-type': 'application/json',
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
    };
    const body = JSON.stringify({ message, session: this.#session });
    let response: Response;
    try {
      response = await fetch(`${url}/api/chat`, {
        method: 'POST',
        headers,
        body,
        ...(signal === undefined ? {} : { signal }),
      });
    } catch (cause) {
      signal?.throwIfAborted();
      throw new GatewayError('network', 'The gateway could not be reached', { cause });
    }
    if (!response.ok) throw await refusalOf(response);
    return response;
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

async function* readFrames(response: Response): AsyncGenerator<ServerFrame> {
  const waiting: EventSourceMessage[] = [];
  const parser = createParser({
    maxBufferSize: MAX_EVENT_LENGTH,
    onEvent: (event) => void waiting.push(event),
  });
  const decoder = new TextDecoder();
  const reader = response.body?.getReader();
  if (reader === undefined) return;
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
      for (const event of waiting.splice(0)) {
        yield { type: event.event, ...(JSON.parse(event.data) as object) } as ServerFrame;
      }
    }
  } finally {
    await reader.cancel().catch(() => undefined); // it may have failed already: then there is nothing to cancel
  }
}
