// The web-standard globals that core may use. They exist in browsers, workers, Node, Deno and Bun alike.
// Ambient and not shipped: a consumer's own DOM or Node types provide them.

interface EventListenerObject {
  handleEvent(event: Event): void;
}
interface Event {
  readonly type: string;
}
interface AbortSignal {
  readonly aborted: boolean;
  readonly reason: unknown;
  addEventListener(
    type: 'abort',
    listener: ((event: Event) => void) | EventListenerObject,
    options?: { once?: boolean },
  ): void;
  removeEventListener(
    type: 'abort',
    listener: ((event: Event) => void) | EventListenerObject,
  ): void;
  throwIfAborted(): void;
}
interface AbortSignalConstructor {
  readonly prototype: AbortSignal;
  abort(reason?: unknown): AbortSignal;
}
declare var AbortSignal: AbortSignalConstructor;
interface AbortController {
  readonly signal: AbortSignal;
  abort(reason?: unknown): void;
}
declare var AbortController: { readonly prototype: AbortController; new (): AbortController };
interface DOMException extends Error {
  readonly code: number;
}
declare var DOMException: { new (message?: string, name?: string): DOMException };
interface Headers {
  get(name: string): string | null;
  has(name: string): boolean;
  forEach(callback: (value: string, key: string) => void): void;
}
interface Request {
  readonly url: string;
}
interface Response {
  readonly status: number;
}
declare function fetch(input: string | Request, init?: object): Promise<Response>;
/** A number in browsers, an object in Node. */
interface TimerHandle {
  readonly opaque: never;
}
declare function setTimeout(handler: () => void, timeoutMs?: number): TimerHandle;
declare function clearTimeout(handle: TimerHandle | undefined): void;
declare function queueMicrotask(callback: () => void): void;
declare const performance: { now(): number };
declare function btoa(binary: string): string;
declare var TextEncoder: { new (): { encode(text: string): Uint8Array } };
