import type { ServerResponse } from 'node:http';
import type { Clock } from '@sluice/core';
import { perform, type Plan, untilAborted } from '../mock/plan.ts';

/**
 * Performs a plan on a real socket. Resolves with `false` when the caller left before the end, and with `true` when the
 * answer has ended as planned, be that by breaking the connection.
 */
export async function performOn(
  response: ServerResponse,
  plan: Plan,
  clock: Clock,
): Promise<boolean> {
  if (plan.kind === 'refuse') {
    response.socket?.resetAndDestroy();
    return true;
  }
  const left = new AbortController();
  const onClose = (): void => left.abort();
  response.once('close', onClose);
  try {
    if (plan.kind === 'hang') {
      await untilAborted(left.signal);
      return false;
    }
    response.writeHead(plan.status, plan.headers);
    response.flushHeaders();
    await perform(plan, stageOf(response, left.signal), { clock, signal: left.signal });
    return !left.signal.aborted;
  } finally {
    response.off('close', onClose);
  }
}

interface SocketStage {
  write(bytes: Uint8Array): Promise<void>;
  close(): void;
  reset(): void;
}

function stageOf(response: ServerResponse, signal: AbortSignal): SocketStage {
  return {
    write: (bytes) => written(response, bytes, signal),
    close: () => void response.end(),
    reset: () => void response.socket?.destroy(),
  };
}

/**
 * Resolves once the bytes have left for the kernel: a slow reader slows the model down, and a connection that is broken
 * right after them does not take them along.
 */
function written(response: ServerResponse, bytes: Uint8Array, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
    response.write(bytes, () => resolve());
  });
}
