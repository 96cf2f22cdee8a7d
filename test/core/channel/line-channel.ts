import {
  type Channel,
  type CloseReason,
  messageId,
  type OpenContext,
  type OutboundMessage,
  type ReplyAddress,
  SendError,
  type Session,
} from '@sluice/core';
import { fromEventPattern, map, type Observable } from 'rxjs';

/** Anything that gives and takes lines of text. */
export interface Line {
  onLine(listener: (text: string) => void): void;
  offLine(listener: (text: string) => void): void;
  onEnd(listener: () => void): void;
  write(text: string): void;
  end(): void;
}

/** A channel over one line at a time: `connect` is called for each new connection. */
export function lineChannel(connect: (signal: AbortSignal) => Promise<Line>): Channel {
  let count = 0;
  return {
    kind: 'line',
    async open({ signal }: OpenContext): Promise<Session> {
      const line = await connect(signal);
      return lineSession(line, () => messageId(`line-${(count += 1)}`));
    },
  };
}

function lineSession(line: Line, nextId: () => ReturnType<typeof messageId>): Session {
  let end: (reason: CloseReason) => void = () => undefined;
  const closed = new Promise<CloseReason>((resolve) => {
    end = resolve;
  });
  let isOpen = true;
  line.onEnd(() => end({ kind: 'fault', error: new Error('The line went dead') }));
  const write = (text: string): void => {
    if (!isOpen) throw new SendError('The line is closed', { retryable: false });
    line.write(text);
  };
  return {
    source: linesOf(line).pipe(map((text) => ({ id: nextId(), namespace: ['line'], text }))),
    closed,
    send: async ({ body }: OutboundMessage) => write(body.text),
    sendError: async (_: ReplyAddress, text: string) => write(`! ${text}`),
    close: async () => {
      isOpen = false;
      end({ kind: 'clean' });
      line.end();
    },
  };
}

/** Unsubscribing takes the listener away: that is how a supervisor says that it takes no more. */
function linesOf(line: Line): Observable<string> {
  return fromEventPattern<string>(
    (listener) => line.onLine(listener),
    (listener) => line.offLine(listener),
  );
}
