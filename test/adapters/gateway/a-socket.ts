import type { Asker, ServerFrame, SocketEvents } from '@sluice/adapters/gateway';
import type { GatewayByHand } from './a-gateway-by-hand.ts';

/** A WebSocket without a network: what the gateway sends is kept, what a client sends is said by hand. */
export interface ScriptedSocket {
  readonly frames: ServerFrame[];
  /** The code with which the gateway closed it. */
  readonly closeCode: () => number | undefined;
  readonly isPaused: () => boolean;
  /** Sends a frame as the client, and lets promises settle. */
  say(frame: object): Promise<void>;
  /** Sends bytes as they are. */
  sayRaw(text: string): Promise<void>;
  /** The client is gone. */
  drop(code?: number): Promise<void>;
  /** The types of the frames and, where there is one, the text or reason. */
  told(): readonly string[];
}

export interface ScriptedSocketOptions {
  readonly asker?: Asker;
  /** Whether it can be told not to be read. Default true. */
  readonly canPause?: boolean;
}

/** Connects one more socket to the gateway. */
export function aSocket(
  { gateway, clock }: Pick<GatewayByHand, 'gateway' | 'clock'>,
  {
    asker = { client: 'address:test', owner: undefined },
    canPause = true,
  }: ScriptedSocketOptions = {},
): ScriptedSocket {
  const frames: ServerFrame[] = [];
  let closeCode: number | undefined;
  let isPaused = false;
  const pausing = {
    pause: () => {
      isPaused = true;
    },
    resume: () => {
      isPaused = false;
    },
  };
  const events: SocketEvents = gateway.connectSocket(
    {
      bufferedAmount: 0,
      send: (text) => frames.push(JSON.parse(text) as ServerFrame),
      close: (code) => {
        closeCode ??= code;
      },
      ...(canPause ? pausing : {}),
    },
    asker,
  );
  const sayRaw = async (text: string): Promise<void> => {
    events.message(text);
    await clock.settle();
  };
  return {
    frames,
    closeCode: () => closeCode,
    isPaused: () => isPaused,
    sayRaw,
    say: (frame) => sayRaw(JSON.stringify(frame)),
    drop: async (code = 1006) => {
      events.closed(code);
      await clock.settle();
    },
    told: () => frames.map(toldBy),
  };
}

function toldBy(frame: ServerFrame): string {
  const { type } = frame;
  if (type === 'text_delta') return `${type} ${frame.content}`;
  if (type === 'response') return `${type} ${frame.message}`;
  if (type === 'error') return `${type} ${frame.code}`;
  if (type === 'gap') return `${type} ${frame.reason}`;
  return type;
}
