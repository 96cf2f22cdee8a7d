import { runInContext, createContext, type Context } from 'node:vm';
import { beforeAll, describe, expect, it } from 'vitest';
import { bundle } from '../support/bundle.ts';

describe('the built core, where there is nothing but the web platform', () => {
  let script = '';

  beforeAll(async () => {
    script = await bundle({ entry: 'packages/core/dist/index.js', format: 'iife' });
  });

  it('lends a resource and takes it back', async () => {
    const context = aBareContext();
    runInContext(script, context);

    const answer: unknown = await runInContext(
      `(async () => {
        const pool = new bundle.Pool({ name: 'bare', create: async () => ({ hello: 'world' }) });
        const lease = await pool.acquire();
        const { hello } = lease.resource;
        const lent = pool.stats().inUse;
        lease.release();
        const back = pool.stats().inUse;
        await pool.close();
        return JSON.stringify({ hello, lent, back });
      })()`,
      context,
    );

    expect(answer).toBe('{"hello":"world","lent":1,"back":0}');
  });

  it('has no window, no process and no Buffer to lean on', () => {
    const context = aBareContext();

    const found: unknown = runInContext(
      `['window', 'document', 'process', 'Buffer', 'require', 'global', 'module']
        .filter((name) => name in globalThis).join()`,
      context,
    );

    expect(found).toBe('');
  });
});

/** Only what every browser, worker, Node, Deno and Bun has. */
function aBareContext(): Context {
  return createContext({
    AbortController,
    AbortSignal,
    DOMException,
    Headers,
    ReadableStream,
    Request,
    Response,
    TextDecoder,
    TextEncoder,
    URL,
    clearTimeout,
    crypto,
    fetch,
    performance,
    queueMicrotask,
    setTimeout,
    structuredClone,
  });
}
