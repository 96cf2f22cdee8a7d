// Anthropic's Messages as they travel. What comes back is read, not typed, in `stream.ts`: nothing that comes from
// outside is believed to have its type.

/** A JSON object that passes through as it is: a schema, a block that only the provider understands. */
export type WireObject = Readonly<Record<string, unknown>>;

/** The version of the wire that is spoken. See https://platform.claude.com/docs/en/api/versioning */
export const ANTHROPIC_VERSION = '2023-06-01';

/** The body of `POST /v1/messages`. See https://platform.claude.com/docs/en/api/messages/create */
export interface MessagesRequest {
  readonly model: string;
  /** Required by the wire. */
  readonly max_tokens: number;
  readonly messages: readonly MessageTurn[];
  readonly stream: true;
  readonly system?: readonly TextBlock[] | undefined;
  readonly tools?: readonly MessageTool[] | undefined;
  readonly tool_choice?: MessageToolChoice | undefined;
  readonly thinking?: MessageThinking | undefined;
  readonly output_config?: MessageOutputConfig | undefined;
  readonly stop_sequences?: readonly string[] | undefined;
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
}

/** One turn. Turns alternate; the results of tools are the user's. */
export interface MessageTurn {
  readonly role: 'user' | 'assistant';
  readonly content: readonly MessageBlock[];
}

/** One block of a turn. A block of the provider's own passes as it came. */
export type MessageBlock =
  | TextBlock
  | ImageBlock
  | ToolUseBlock
  | ToolResultBlock
  | ThinkingBlock
  | RedactedThinkingBlock
  | WireObject;

/** Text, with the citations that it came with. */
export interface TextBlock {
  readonly type: 'text';
  readonly text: string;
}

/** An image. See https://platform.claude.com/docs/en/build-with-claude/vision */
export interface ImageBlock {
  readonly type: 'image';
  readonly source:
    | { readonly type: 'base64'; readonly media_type: string; readonly data: string }
    | { readonly type: 'url'; readonly url: string };
}

/** A tool call. Its input is an object, not a string. */
export interface ToolUseBlock {
  readonly type: 'tool_use';
  readonly id: string;
  readonly name: string;
  readonly input: WireObject;
}

/** What a tool answered. */
export interface ToolResultBlock {
  readonly type: 'tool_result';
  readonly tool_use_id: string;
  readonly content: string;
  readonly is_error?: true | undefined;
}

/** Thinking. It goes back unchanged. See https://platform.claude.com/docs/en/build-with-claude/extended-thinking */
export interface ThinkingBlock {
  readonly type: 'thinking';
  readonly thinking: string;
  readonly signature: string;
}

/** Thinking that only the provider can read. */
export interface RedactedThinkingBlock {
  readonly type: 'redacted_thinking';
  readonly data: string;
}

/** A tool on offer. See https://platform.claude.com/docs/en/agents-and-tools/tool-use/overview */
export interface MessageTool {
  readonly name: string;
  readonly description?: string | undefined;
  readonly input_schema: WireObject;
}

/** Whether tools are to be called. */
export type MessageToolChoice =
  | { readonly type: 'auto' }
  | { readonly type: 'any' }
  | { readonly type: 'none' }
  | { readonly type: 'tool'; readonly name: string };

/** How the model thinks before it answers. A budget is at least 1,024 and below `max_tokens`. */
export type MessageThinking =
  | { readonly type: 'enabled'; readonly budget_tokens: number }
  | { readonly type: 'adaptive' }
  | { readonly type: 'disabled' };

/** What the answer is to look like. See https://platform.claude.com/docs/en/build-with-claude/structured-outputs */
export interface MessageOutputConfig {
  readonly format?: { readonly type: 'json_schema'; readonly schema: WireObject } | undefined;
  readonly effort?: 'low' | 'medium' | 'high' | undefined;
}

/** One event of the answer; `event:` equals `type`. See https://platform.claude.com/docs/en/build-with-claude/streaming */
export type MessageEvent =
  | { readonly type: 'message_start'; readonly message: MessageAnswer }
  | {
      readonly type: 'content_block_start';
      readonly index: number;
      readonly content_block: WireObject;
    }
  | { readonly type: 'content_block_delta'; readonly index: number; readonly delta: BlockDelta }
  | { readonly type: 'content_block_stop'; readonly index: number }
  | {
      readonly type: 'message_delta';
      readonly delta: { readonly stop_reason: string; readonly stop_sequence: string | null };
      /** Of the whole answer so far. */
      readonly usage?: Partial<MessageUsage>;
    }
  | { readonly type: 'message_stop' }
  | { readonly type: 'ping' }
  | MessageErrorBody;

/** What a block grows by. */
export type BlockDelta =
  | { readonly type: 'text_delta'; readonly text: string }
  | { readonly type: 'thinking_delta'; readonly thinking: string }
  | { readonly type: 'signature_delta'; readonly signature: string }
  | { readonly type: 'input_json_delta'; readonly partial_json: string };

/** The answer, without its content at first. */
export interface MessageAnswer {
  readonly id: string;
  readonly type: 'message';
  readonly role: 'assistant';
  readonly model: string;
  readonly content: readonly WireObject[];
  readonly stop_reason: string | null;
  readonly stop_sequence: string | null;
  readonly usage?: MessageUsage;
}

/** Tokens used. See https://platform.claude.com/docs/en/build-with-claude/prompt-caching */
export interface MessageUsage {
  /** Without those written to and read from the cache. */
  readonly input_tokens: number;
  readonly cache_creation_input_tokens?: number;
  readonly cache_read_input_tokens?: number;
  /** Those of thinking included. */
  readonly output_tokens: number;
  readonly output_tokens_details?: { readonly thinking_tokens: number };
}

/** The body of a refusal, and an error within an answer. See https://platform.claude.com/docs/en/api/errors */
export interface MessageErrorBody {
  readonly type: 'error';
  readonly error: { readonly type: string; readonly message: string };
  readonly request_id?: string;
}

/** The body of `GET /v1/models`. See https://platform.claude.com/docs/en/api/models/list */
export interface ModelPage {
  readonly data: readonly {
    readonly type: 'model';
    readonly id: string;
    readonly display_name: string;
    readonly created_at: string;
  }[];
  readonly has_more: boolean;
  readonly first_id: string | null;
  readonly last_id: string | null;
}
