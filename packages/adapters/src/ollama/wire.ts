// Ollama's own chat as it travels. What comes from outside is read, not typed, in `stream.ts`: nothing of it is believed
// to have its type.

/** A JSON object of the user's or the model's: a schema, the arguments of a call. */
export type WireObject = Readonly<Record<string, unknown>>;

/** The body of `POST /api/chat`. See https://docs.ollama.com/api/chat */
export interface OllamaRequest {
  readonly model: string;
  readonly messages: readonly OllamaMessage[];
  readonly stream: true;
  readonly tools?: readonly OllamaTool[] | undefined;
  /** A JSON Schema that the answer has to fit. */
  readonly format?: WireObject | undefined;
  /** Levels are for gpt-oss alone. */
  readonly think?: boolean | 'low' | 'medium' | 'high' | undefined;
  /** How long the model stays loaded afterwards: `5m`, or seconds; negative is for ever. */
  readonly keep_alive?: string | number | undefined;
  readonly options?: OllamaModelOptions | undefined;
}

/** How the model runs. See https://docs.ollama.com/modelfile#valid-parameters-and-values */
export interface OllamaModelOptions {
  readonly temperature?: number | undefined;
  readonly top_p?: number | undefined;
  readonly num_predict?: number | undefined;
  readonly num_ctx?: number | undefined;
  readonly seed?: number | undefined;
  readonly stop?: readonly string[] | undefined;
}

/** One message of the conversation. */
export type OllamaMessage =
  | { readonly role: 'system'; readonly content: string }
  | {
      readonly role: 'user';
      readonly content: string;
      /** Bare base64, without `data:`. */
      readonly images?: readonly string[] | undefined;
    }
  | OllamaAssistantMessage
  | {
      readonly role: 'tool';
      readonly content: string;
      readonly tool_name: string;
      readonly tool_call_id?: string | undefined;
    };

/** What the model said, or a piece of it. */
export interface OllamaAssistantMessage {
  readonly role: 'assistant';
  readonly content: string;
  readonly thinking?: string | undefined;
  readonly tool_calls?: readonly OllamaToolCall[] | undefined;
}

/** A call that the model wants. Older servers give no id. */
export interface OllamaToolCall {
  readonly id?: string | undefined;
  readonly function: {
    readonly index?: number | undefined;
    readonly name: string;
    readonly arguments: WireObject;
  };
}

/** A tool on offer. */
export interface OllamaTool {
  readonly type: 'function';
  readonly function: {
    readonly name: string;
    readonly description?: string | undefined;
    readonly parameters: WireObject;
  };
}

/** One line of the answer. */
export interface OllamaChunk {
  readonly model: string;
  readonly created_at: string;
  readonly message: OllamaAssistantMessage;
  readonly done: boolean;
  readonly done_reason?: string | undefined;
  /** In nanoseconds, as all durations. */
  readonly total_duration?: number | undefined;
  /** Left out where the prompt was cached. */
  readonly prompt_eval_count?: number | undefined;
  readonly eval_count?: number | undefined;
}

/** The body of a refusal, and the line of an answer that broke off. */
export interface OllamaErrorBody {
  readonly error: string;
}

/** The body of `GET /api/tags`. See https://docs.ollama.com/api/tags */
export interface OllamaModelList {
  readonly models: readonly {
    readonly name: string;
    readonly model: string;
    readonly modified_at: string;
    readonly size: number;
    readonly digest: string;
  }[];
}

/** The body of `GET /api/version`. */
export interface OllamaVersion {
  readonly version: string;
}
