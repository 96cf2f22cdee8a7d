/** What is needed of a `BroadcastChannel`. */
export interface BroadcastLine {
  postMessage(value: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data?: unknown }) => void): void;
  removeEventListener(
    type: 'message',
    listener: (event: { readonly data?: unknown }) => void,
  ): void;
  close(): void;
}

/** Joins the line of a name. */
export type JoinLine = (name: string) => BroadcastLine;

/** Joins with the runtime's own `BroadcastChannel`, looked up at each call. */
export const systemBroadcast: JoinLine = (name) => new globalThis.BroadcastChannel(name);
