// OpenAI's Responses as they travel. Items that a server runs by itself (searches, code, images) are carried, not typed:
// nothing that comes from outside is believed to have its type.

/** A JSON object of the user's: a schema, a part that only the server understands. */
type WireObject = Readonly<Record<string, unknown>>;

/** The body of `POST /responses`. See https://platform.openai.com/docs/api-reference/responses/create */
export interface ResponsesRequest {
  readonly model: string;
  readonly input: readonly ResponsesInput[];
  readonly instructions?: string | undefined;
  readonly stream: true;
  readonly stream_options?: { readonly include_obfuscation: false } | undefined;
  /** Whether OpenAI keeps the answer. */
  readonly store: false;
  readonly include?: readonly 'reasoning.encrypted_content'[] | undefined;
  readonly tools?: readonly ResponsesTool[] | undefined;
  readonly tool_choice?: ResponsesToolChoice | undefined;
  readonly max_output_tokens?: number | undefined;
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly text?: { readonly format: ResponsesFormat } | undefined;
  readonly reasoning?: { readonly effort?: string; readonly summary?: 'auto' } | undefined;
}

/** What the conversation is made of. See https://platform.openai.com/docs/api-reference/responses/create#input */
export type ResponsesInput =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string | readonly ResponsesUserPart[] }
  | { readonly role: 'assistant'; readonly content: readonly ResponsesOutputText[] }
  | ResponsesCall
  | ResponsesCustomCall
  | { readonly type: 'function_call_output'; readonly call_id: string; readonly output: string }
  | { readonly type: 'custom_tool_call_output'; readonly call_id: string; readonly output: string }
  | WireObject;

/** A part of a user's message. */
export type ResponsesUserPart =
  | { readonly type: 'input_text'; readonly text: string }
  | { readonly type: 'input_image'; readonly image_url: string };

/** Text of the model's own. */
export interface ResponsesOutputText {
  readonly type: 'output_text';
  readonly text: string;
  readonly annotations?: readonly WireObject[] | undefined;
}

/** A call of a function. `call_id` is what its output refers to; `id` names the item alone. */
export interface ResponsesCall {
  readonly type: 'function_call';
  readonly id?: string | undefined;
  readonly call_id: string;
  readonly name: string;
  readonly arguments: string;
  readonly status?: string | undefined;
}

/** A call of a custom tool, whose input is plain text. */
export interface ResponsesCustomCall {
  readonly type: 'custom_tool_call';
  readonly call_id: string;
  readonly name: string;
  readonly input: string;
}

/** A tool on offer: flat, unlike that of Chat Completions. */
export interface ResponsesTool {
  readonly type: 'function';
  readonly name: string;
  readonly description?: string | undefined;
  readonly parameters: WireObject;
  /** Left out it means true here, and the server would make every optional field a required one. */
  readonly strict: boolean;
}

/** Which tool to call. */
export type ResponsesToolChoice =
  | 'auto'
  | 'none'
  | 'required'
  | { readonly type: 'function'; readonly name: string };

/** The shape that the answer's text must have: flat, unlike that of Chat Completions. */
export interface ResponsesFormat {
  readonly type: 'json_schema';
  readonly name: string;
  readonly schema: WireObject;
  readonly strict: boolean;
}

/** A whole answer, and what its first and last events carry. See https://platform.openai.com/docs/api-reference/responses/object */
export interface ResponsesResponse {
  readonly id: string;
  readonly object: 'response';
  readonly created_at: number;
  readonly status: 'in_progress' | 'completed' | 'incomplete' | 'failed';
  readonly model: string;
  readonly output: readonly WireObject[];
  readonly error: { readonly code: string; readonly message: string } | null;
  readonly incomplete_details: { readonly reason: string } | null;
  readonly usage: ResponsesUsage | null;
}

/** Tokens used. */
export interface ResponsesUsage {
  /** Cached ones included. */
  readonly input_tokens: number;
  readonly input_tokens_details: {
    readonly cached_tokens: number;
    readonly cache_write_tokens?: number | undefined;
  };
  /** Those of reasoning included. */
  readonly output_tokens: number;
  readonly output_tokens_details: { readonly reasoning_tokens: number };
  readonly total_tokens: number;
}
