import {
  type CompletionRequest,
  type JsonObject,
  jsonSchemaOf,
  type Message,
  type ToolChoice,
  type ToolDefinition,
} from '@sluice/core';
import type { WireRequest } from '../transport/family.ts';
import { isRecord } from '../transport/json.ts';
import { encodeMessages } from './content.ts';
import { thinkingConfigOf } from './thinking.ts';
import type {
  FunctionCallingConfig,
  FunctionDeclaration,
  GenerateRequest,
  GenerationConfig,
} from './wire.ts';

/** What is asked, of which model, and by whom. */
export interface EncodeOptions {
  readonly model: string;
  /** The provider's name: whose extras are sent back. */
  readonly provider: string;
}

/**
 * Writes a request as `POST /models/{model}:streamGenerateContent?alt=sse`. Without that query the answer would be one
 * JSON array, sent in pieces.
 *
 * `providerOptions` are merged last; `generationConfig` in them field by field, so that one field keeps the others.
 *
 * @throws {TypeError} when a user's message holds parts that only a model or a tool can write.
 */
export function encodeRequest(request: CompletionRequest, options: EncodeOptions): WireRequest {
  const { messages, tools = [], toolChoice, providerOptions = {} } = request;
  const generationConfig = withFields(
    encodeConfig(request, options.model),
    providerOptions['generationConfig'],
  );
  const body: GenerateRequest = {
    systemInstruction: encodeSystem(messages),
    contents: encodeMessages(messages, options),
    tools: tools.length === 0 ? undefined : [{ functionDeclarations: tools.map(encodeTool) }],
    toolConfig:
      toolChoice === undefined ? undefined : { functionCallingConfig: encodeChoice(toolChoice) },
  };
  return {
    path: `${modelPath(options.model)}:streamGenerateContent?alt=sse`,
    // Its own fields are JSON, and the user's last word is `JsonObject` by its type.
    body: { ...body, ...providerOptions, generationConfig } as unknown as JsonObject,
  };
}

/** Where a model is found: `gemini-x`, `models/gemini-x` and `tunedModels/mine` are all names that people write. */
export function modelPath(model: string): string {
  const path = model.includes('/') ? model : `models/${model}`;
  return path.split('/').map(encodeURIComponent).join('/');
}

function encodeSystem(messages: readonly Message[]): GenerateRequest['systemInstruction'] {
  const parts = messages.flatMap((message) =>
    message.role === 'system' && message.content !== '' ? [{ text: message.content }] : [],
  );
  return parts.length === 0 ? undefined : { parts };
}

function encodeConfig(request: CompletionRequest, model: string): GenerationConfig {
  const { maxTokens, temperature, topP, stop = [], seed, output, thinking } = request;
  return {
    maxOutputTokens: maxTokens,
    temperature,
    topP,
    stopSequences: stop.length === 0 ? undefined : stop,
    seed,
    responseMimeType: output === undefined ? undefined : 'application/json',
    responseJsonSchema: output === undefined ? undefined : jsonSchemaOf(output.schema),
    thinkingConfig: thinking === undefined ? undefined : thinkingConfigOf(thinking, model),
  };
}

function withFields(config: GenerationConfig, more: unknown): GenerationConfig | undefined {
  const all = { ...config, ...(isRecord(more) ? more : {}) };
  return Object.values(all).every((value) => value === undefined) ? undefined : all;
}

function encodeTool({ name, description, inputSchema }: ToolDefinition): FunctionDeclaration {
  return { name, description, parametersJsonSchema: inputSchema };
}

function encodeChoice(choice: ToolChoice): FunctionCallingConfig {
  switch (choice) {
    case 'auto':
      return { mode: 'AUTO' };
    case 'none':
      return { mode: 'NONE' };
    case 'required':
      return { mode: 'ANY' };
    default:
      return { mode: 'ANY', allowedFunctionNames: [choice.name] };
  }
}
