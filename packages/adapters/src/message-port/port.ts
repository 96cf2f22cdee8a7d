/** What is read of a port's events. */
export interface FramePortEvent {
  readonly data?: unknown;
}

/** What is needed of a port: a `MessagePort`, a `Worker`, or `self` in a worker. */
export interface FramePort {
  postMessage(value: unknown): void;
  addEventListener(type: 'message' | 'close', listener: (event: FramePortEvent) => void): void;
  removeEventListener(type: 'message' | 'close', listener: (event: FramePortEvent) => void): void;
  /** Lets a `MessagePort` deliver what it has kept. Workers have none. */
  start?(): void;
}
