// What a page does that talks to its gateway: told by a test, in a browser.
import { connect, type ConnectOptions, type ServerFrame } from '@sluice/adapters/gateway';

/** What a test may ask of the page. */
export interface GatewayTab {
  connect(options: Pick<ConnectOptions, 'url'> & { readonly token?: string }): void;
  /** Says something; resolves with the whole reply, and what was seen of it on the way. */
  ask(message: string): Promise<{ readonly message: string; readonly grown: string }>;
  statuses(): readonly string[];
  frames(): readonly ServerFrame['type'][];
  session(): string | undefined;
  close(): void;
}

declare global {
  interface Window {
    readonly gatewayTab: GatewayTab;
  }
}

let connection = undefined as ReturnType<typeof connect> | undefined;
const statuses: string[] = [];
const frames: ServerFrame['type'][] = [];

function connected(): ReturnType<typeof connect> {
  if (connection === undefined) throw new TypeError('Connect first');
  return connection;
}

const gatewayTab: GatewayTab = {
  connect: ({ url, token }) => {
    connection = connect({
      url,
      getToken: token === undefined ? undefined : () => token,
      backoff: { baseMs: 20, capMs: 100 },
      wakeTimeoutMs: 300,
    });
    connection.state$.subscribe(({ status }) => statuses.push(status));
    connection.frames$.subscribe(({ type }) => frames.push(type));
  },
  ask: async (message) => {
    let grown = '';
    for await (const frame of connected().stream(message)) {
      if (frame.type === 'text_delta') grown += frame.content;
      if (frame.type === 'response') return { message: frame.message, grown };
    }
    throw new Error('The reply has no end');
  },
  statuses: () => statuses,
  frames: () => frames,
  session: () => connected().session,
  close: () => connected().close(),
};

Object.assign(globalThis, { gatewayTab });
