// OpenAI's Chat Completions as they travel. What compatible servers send beside or instead is read, not typed, in
// `stream.ts`: nothing that comes from outside is believed to have its type.

/** A JSON object of the user's: a schema, a part that only the server understands. */
export type WireObject = Readonly<Record<string, unknown>>;

/** The body of `POST /chat/completions`. See https://platform.openai.com/docs/api-reference/chat/create */
export interface ChatRequest {
  readonly model: string;
  readonly messages: readonly ChatMessage[];
  readonly stream: true;
  readonly stream_options?:
    | { readonly include_usage: true; readonly include_obfuscation?: false | undefined }
    | undefined;
  readonly tools?: readonly ChatTool[] | undefined;
  readonly tool_choice?: ChatToolChoice | undefined;
  readonly response_format?: ChatFormat | undefined;
  readonly seed?: number | undefined;
  readonly reasoning_effort?: string | undefined;
  readonly stop?: readonly string[] | undefined;
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly max_completion_tokens?: number | undefined;
  /** The old name, which most compatible servers know and OpenAI's reasoning models refuse. */
  readonly max_tokens?: number | undefined;
}

/** One message. See https://platform.openai.com/docs/api-reference/chat/create#chat-create-messages */
export type ChatMessage =
  | { readonly role: 'system'; readonly content: string }
  | { readonly role: 'user'; readonly content: string | readonly ChatContentPart[] }
  | ChatAssistantMessage
  | { readonly role: 'tool'; readonly tool_call_id: string; readonly content: string };

/** What the model said, with the fields in which compatible servers keep its thinking. */
export interface ChatAssistantMessage {
  readonly role: 'assistant';
  readonly content: string | null;
  readonly tool_calls?: readonly ChatToolCall[] | undefined;
  readonly reasoning?: string | undefined;
  readonly reasoning_content?: string | undefined;
  readonly reasoning_details?: readonly WireObject[] | undefined;
}

/** A part of a user's message. See https://platform.openai.com/docs/guides/images-vision */
export type ChatContentPart =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'image_url'; readonly image_url: { readonly url: string } };

/** A tool call in the history. See https://platform.openai.com/docs/guides/function-calling */
export interface ChatToolCall {
  readonly id: string;
  readonly type: 'function';
  readonly function: { readonly name: string; readonly arguments: string };
}

/** A tool on offer. See https://platform.openai.com/docs/api-reference/chat/create#chat-create-tools */
export interface ChatTool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly parameters: WireObject;
  };
}

/** Which tool to call. See https://platform.openai.com/docs/api-reference/chat/create#chat-create-tool_choice */
export type ChatToolChoice =
  | 'auto'
  | 'none'
  | 'required'
  | { readonly type: 'function'; readonly function: { readonly name: string } };

/** The shape of the answer. See https://platform.openai.com/docs/guides/structured-outputs */
export type ChatFormat =
  | { readonly type: 'json_schema'; readonly json_schema: JsonSchemaFormat }
  | { readonly type: 'json_object' };

/** A schema for the answer, and whether the server has to hold the model to it. */
export interface JsonSchemaFormat {
  readonly name: string;
  readonly schema: WireObject;
  readonly strict: boolean;
}

/** One event of the answer. See https://platform.openai.com/docs/api-reference/chat/streaming */
export interface ChatChunk {
  readonly id: string;
  readonly object: 'chat.completion.chunk';
  readonly created: number;
  readonly model: string;
  readonly choices: readonly ChatChunkChoice[];
  readonly usage?: ChatUsage | null;
}

/** The one choice of a chunk; with `n` above 1, which Sluice never asks for, there would be more. */
export interface ChatChunkChoice {
  readonly index: number;
  readonly delta: ChatDelta;
  readonly finish_reason: string | null;
}

/** What a chunk adds. */
export interface ChatDelta {
  readonly role?: 'assistant';
  readonly content?: string | null;
  readonly refusal?: string | null;
  readonly reasoning_content?: string;
  readonly tool_calls?: readonly ChatToolCallDelta[];
}

/** A piece of a tool call: the first piece of each index has the id and the name. */
export interface ChatToolCallDelta {
  readonly index: number;
  readonly id?: string;
  readonly type?: 'function';
  readonly function: { readonly name?: string; readonly arguments?: string };
}

/** Tokens used. See https://platform.openai.com/docs/api-reference/completions/object#completions/object-usage */
export interface ChatUsage {
  /** Cached ones included. */
  readonly prompt_tokens: number;
  /** Those of reasoning included. */
  readonly completion_tokens: number;
  readonly total_tokens: number;
  readonly prompt_tokens_details?: { readonly cached_tokens?: number };
  readonly completion_tokens_details?: { readonly reasoning_tokens?: number };
}

/** The body of a refusal. See https://platform.openai.com/docs/guides/error-codes */
export interface ChatErrorBody {
  readonly error: {
    readonly message: string;
    readonly type: string;
    readonly param: string | null;
    readonly code: string | null;
  };
}

/** The body of `GET /models`. See https://platform.openai.com/docs/api-reference/models/list */
export interface ModelList {
  readonly object: 'list';
  readonly data: readonly {
    readonly id: string;
    readonly object: 'model';
    readonly created: number;
    readonly owned_by: string;
  }[];
}
