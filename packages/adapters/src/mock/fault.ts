/** What goes wrong with a scripted answer. `afterEvents` counts the events that come first; default: all but the end. */
export type Fault =
  /** A status other than 200, with the body and headers that the provider sends then. */
  | {
      readonly kind: 'status';
      readonly status: number;
      /** Default: the provider's words for the status. */
      readonly message?: string | undefined;
      /** The provider's own code. Default: its code for the status. */
      readonly code?: string | undefined;
      /** Sent as `retry-after`, in seconds. Default: none. */
      readonly retryAfterMs?: number | undefined;
      readonly headers?: Readonly<Record<string, string>> | undefined;
      /** Sent as it is, as HTML when it begins with `<`. Default: the provider's JSON. */
      readonly body?: string | undefined;
    }
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
  | { readonly kind: 'json'; readonly body?: string | undefined };
