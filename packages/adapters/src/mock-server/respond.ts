import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import type { Clock } from '@sluice/core';
import { type Flood, perform, type Plan, untilAborted } from '../mock/plan.ts';

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
    const stage = stageOf(response, left.signal);
    if (plan.flood?.form === 'gzip') {
      response.writeHead(plan.status, { ...plan.headers, 'content-encoding': 'gzip' });
      await sendBomb(plan.flood, stage, left.signal);
      return !left.signal.aborted;
    }
    response.writeHead(plan.status, plan.headers);
    response.flushHeaders();
    await perform(plan, stage, { clock, signal: left.signal });
    return !left.signal.aborted;
  } finally {
    response.off('close', onClose);
  }
}

/** Sends a compressed megabyte of blank lines again and again: a gzip body may have any number of members. */
async function sendBomb({ bytes }: Flood, stage: SocketStage, signal: AbortSignal): Promise<void> {
  const lines = `${' '.repeat(LINE_LENGTH - 1)}\n`.repeat(MEMBER_BYTES / LINE_LENGTH);
  const member = gzipSync(lines);
  for (let left = bytes; left > 0 && !signal.aborted; left -= MEMBER_BYTES) {
    await stage.write(member);
  }
  if (!signal.aborted) stage.close();
}

const MEMBER_BYTES = 1_048_576;
const LINE_LENGTH = 65_536;

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
