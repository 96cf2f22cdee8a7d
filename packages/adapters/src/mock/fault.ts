/** What goes wrong with a scripted answer. `afterEvents` counts the events that come first; default: all but the end. */
export type Fault =
  /** A status other than 200, with the body and headers that the provider sends then. */
  | StatusFault
  /** No status ever comes. */
  | { readonly kind: 'hang' }
  /** The connection breaks before a status comes. */
  | { readonly kind: 'refuse' }
  /** The body ends in good order, without its end. */
  | { readonly kind: 'cut'; readonly afterEvents?: number | undefined }
  /** The connection breaks. */
  | { readonly kind: 'reset'; readonly afterEvents?: number | undefined }
  /** Nothing more comes, and nothing ends. */
  | { readonly kind: 'stall'; readonly afterEvents?: number | undefined }
  /** A line comes that is no JSON, and the answer goes on. */
  | { readonly kind: 'malformed'; readonly afterEvents?: number | undefined }
  /** The answer, begun with 200, carries an error and ends. `afterEvents: 0` is an error first. */
  | {
      readonly kind: 'error';
      readonly afterEvents?: number | undefined;
      readonly message?: string | undefined;
      readonly code?: string | undefined;
    }
  /** The end comes, and the connection stays open. */
  | { readonly kind: 'linger' }
  /** 200 with one JSON body, as some proxies answer a streaming request. Default: the whole answer. */
  | { readonly kind: 'json'; readonly body?: string | undefined }
  /** 200 with a body of this content type. Default body: empty. */
  | { readonly kind: 'type'; readonly contentType: string; readonly body?: string | undefined }
  /**
   * Bytes without end, made as they are sent and never held: one line, or, as `gzip`, lines that are small until they
   * are inflated, which only a mock server can send.
   */
  | {
      readonly kind: 'flood';
      /** How many, after inflating. @defaultValue `1_073_741_824`: 1 GiB */
      readonly bytes?: number | undefined;
      /** @defaultValue `'line'` */
      readonly form?: 'line' | 'gzip' | undefined;
      readonly afterEvents?: number | undefined;
    };

/** A status other than 200, with the body and headers that the provider sends then. */
export interface StatusFault {
  readonly kind: 'status';
  readonly status: number;
  /** Default: the provider's words for the status. */
  readonly message?: string | undefined;
  /** The provider's own code. Default: its code for the status. */
  readonly code?: string | undefined;
  /** How long to wait. Default: not said. */
  readonly retryAfterMs?: number | undefined;
  /**
   * How the wait is said: `retry-after` in seconds, or as a date; `retry-after-ms`; or in the body, as Google's RetryInfo
   * or in a sentence. Default: as the provider does it, in seconds or, in Gemini's dialect, in the body.
   */
  readonly retryHint?: 'seconds' | 'date' | 'ms' | 'body' | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Sent as it is, as HTML when it begins with `<`. Default: the provider's JSON. */
  readonly body?: string | undefined;
}
