// Gemini's `generateContent` as it travels. What comes from outside is read, not typed, in `stream.ts`: nothing of it is
// believed to have its type.

/** A JSON object of the user's or the model's: a schema, the arguments of a call. */
export type WireObject = Readonly<Record<string, unknown>>;

/** The body of `POST /models/{model}:streamGenerateContent`. See https://ai.google.dev/api/generate-content */
export interface GenerateRequest {
  readonly systemInstruction?: { readonly parts: readonly GeminiPart[] } | undefined;
  readonly contents: readonly GeminiContent[];
  readonly tools?:
    | readonly { readonly functionDeclarations: readonly FunctionDeclaration[] }[]
    | undefined;
  readonly toolConfig?: { readonly functionCallingConfig: FunctionCallingConfig } | undefined;
  readonly generationConfig?: GenerationConfig | undefined;
}

/** One turn. See https://ai.google.dev/api/caching#Content */
export interface GeminiContent {
  readonly role: 'user' | 'model';
  readonly parts: readonly GeminiPart[];
}

/** One part of a turn: one of the fields, and what goes along with it. See https://ai.google.dev/api/caching#Part */
export interface GeminiPart {
  readonly text?: string | undefined;
  readonly inlineData?: { readonly mimeType: string; readonly data: string } | undefined;
  readonly fileData?:
    | { readonly mimeType?: string | undefined; readonly fileUri: string }
    | undefined;
  readonly functionCall?: GeminiFunctionCall | undefined;
  readonly functionResponse?: GeminiFunctionResponse | undefined;
  /** Whether the text is a summary of the model's thinking. */
  readonly thought?: boolean | undefined;
  /** Goes back on the very part that it came with. See https://ai.google.dev/gemini-api/docs/thought-signatures */
  readonly thoughtSignature?: string | undefined;
}

/** A call that the model wants. See https://ai.google.dev/api/caching#FunctionCall */
export interface GeminiFunctionCall {
  /** Most models give none: the order tells calls apart. */
  readonly id?: string | undefined;
  readonly name: string;
  readonly args?: WireObject | undefined;
}

/** What a tool answered. See https://ai.google.dev/api/caching#FunctionResponse */
export interface GeminiFunctionResponse {
  readonly id?: string | undefined;
  readonly name: string;
  readonly response: { readonly output: string } | { readonly error: string };
}

/** A tool on offer. See https://ai.google.dev/api/caching#FunctionDeclaration */
export interface FunctionDeclaration {
  readonly name: string;
  readonly description?: string | undefined;
  /** JSON Schema; `parameters` would want Google's own dialect. */
  readonly parametersJsonSchema: WireObject;
}

/** Whether tools are to be called. See https://ai.google.dev/api/caching#FunctionCallingConfig */
export interface FunctionCallingConfig {
  readonly mode: 'AUTO' | 'ANY' | 'NONE';
  readonly allowedFunctionNames?: readonly string[] | undefined;
}

/** How to answer. See https://ai.google.dev/api/generate-content#generationconfig */
export interface GenerationConfig {
  readonly temperature?: number | undefined;
  readonly topP?: number | undefined;
  readonly maxOutputTokens?: number | undefined;
  readonly stopSequences?: readonly string[] | undefined;
  readonly seed?: number | undefined;
  readonly responseMimeType?: 'application/json' | undefined;
  readonly responseJsonSchema?: WireObject | undefined;
  readonly thinkingConfig?: ThinkingConfig | undefined;
}

/** How much to think. See https://ai.google.dev/gemini-api/docs/thinking */
export interface ThinkingConfig {
  readonly includeThoughts?: boolean | undefined;
  /** 0 is off, where the model can do without. */
  readonly thinkingBudget?: number | undefined;
  /** Gemini 3 and later. */
  readonly thinkingLevel?: 'minimal' | 'low' | 'medium' | 'high' | undefined;
}

/** One event of the answer, and the whole of one that is not streamed. */
export interface GenerateResponse {
  readonly candidates?: readonly GeminiCandidate[] | undefined;
  readonly promptFeedback?: { readonly blockReason: string } | undefined;
  readonly usageMetadata?: GeminiUsage | undefined;
  readonly modelVersion?: string | undefined;
  readonly responseId?: string | undefined;
}

/** The one candidate of an event; Sluice never asks for more. */
export interface GeminiCandidate {
  readonly content?:
    | { readonly role: 'model'; readonly parts?: readonly GeminiPart[] | undefined }
    | undefined;
  readonly finishReason?: string | undefined;
  readonly index: number;
}

/** Tokens used. See https://ai.google.dev/api/generate-content#UsageMetadata */
export interface GeminiUsage {
  /** Cached ones included. */
  readonly promptTokenCount?: number | undefined;
  readonly toolUsePromptTokenCount?: number | undefined;
  readonly cachedContentTokenCount?: number | undefined;
  /** Those of thinking left out. */
  readonly candidatesTokenCount?: number | undefined;
  readonly thoughtsTokenCount?: number | undefined;
  readonly totalTokenCount?: number | undefined;
}

/** The body of a refusal. See https://google.aip.dev/193 */
export interface GeminiErrorBody {
  readonly error: {
    readonly code: number;
    readonly message: string;
    readonly status: string;
    readonly details?: readonly WireObject[] | undefined;
  };
}

/** The body of `GET /models`. See https://ai.google.dev/api/models#method:-models.list */
export interface GeminiModelList {
  readonly models: readonly {
    readonly name: string;
    readonly inputTokenLimit?: number | undefined;
    readonly outputTokenLimit?: number | undefined;
    readonly supportedGenerationMethods?: readonly string[] | undefined;
  }[];
  readonly nextPageToken?: string | undefined;
}
