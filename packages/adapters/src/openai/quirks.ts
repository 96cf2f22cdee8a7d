import type { JsonObject } from '@sluice/core';

/** The servers of Chat Completions whose ways are known. */
export type ServerName =
  | 'openai'
  | 'azure'
  | 'groq'
  | 'mistral'
  | 'deepseek'
  | 'xai'
  | 'openrouter'
  | 'together'
  | 'perplexity'
  | 'vllm'
  | 'llama.cpp'
  | 'lm-studio';

/**
 * How a server wants to be asked. How servers answer differs more, and is no matter of names: one decoder reads all of
 * their answers.
 */
export interface Quirks {
  /** The name of `maxTokens`. Reasoning models of OpenAI refuse the old one; most others know only that. */
  readonly maxTokensField: 'max_completion_tokens' | 'max_tokens';
  /** What may be asked of the stream: nothing where it is refused, and usage is told anyway. */
  readonly streamOptions: 'usage' | 'usage-unpadded' | 'none';
  readonly seedField: 'seed' | 'random_seed';
  /** Whether the form of an answer can be a schema, or only any JSON, with the schema in the words of the system. */
  readonly outputFormat: 'json_schema' | 'json_object';
  /** The field for how hard to think, or an object that takes budgets too. */
  readonly effortField: 'reasoning_effort' | 'reasoning';
  /** What turns thinking off; empty where nothing is known to. */
  readonly thinkingOff: JsonObject;
  /** How long the ids of tool calls have to be, in letters and digits. Default: as they are. */
  readonly callIdLength?: number | undefined;
  /** The header that carries the key as it is. Default: `authorization`, as `Bearer`. */
  readonly keyHeader?: string | undefined;
  /** Whether the model may be a deployment with a path of its own. */
  readonly hasDeployments: boolean;
  /** What tells, for free, whether somebody is there: from the base URL, or from the root with a slash in front. */
  readonly probePath: string;
}

/** What a server does of which nothing is known. */
const COMPATIBLE: Quirks = {
  maxTokensField: 'max_tokens',
  streamOptions: 'usage',
  seedField: 'seed',
  outputFormat: 'json_schema',
  effortField: 'reasoning_effort',
  thinkingOff: {},
  hasDeployments: false,
  probePath: 'models',
};

/** Turns thinking off in the templates of open models. */
const NO_THINKING_TEMPLATE: JsonObject = { chat_template_kwargs: { enable_thinking: false } };

/** What is different, server by server. */
const QUIRKS: Readonly<Record<ServerName, Partial<Quirks>>> = {
  openai: {
    maxTokensField: 'max_completion_tokens',
    streamOptions: 'usage-unpadded',
    thinkingOff: { reasoning_effort: 'none' },
  },
  azure: {
    maxTokensField: 'max_completion_tokens',
    thinkingOff: { reasoning_effort: 'none' },
    keyHeader: 'api-key',
    hasDeployments: true,
  },
  groq: { thinkingOff: { reasoning_effort: 'none' } },
  // It answers 422 to fields that it does not know, and 400 to ids of any other length.
  mistral: { streamOptions: 'none', seedField: 'random_seed', callIdLength: 9 },
  deepseek: { outputFormat: 'json_object', thinkingOff: { thinking: { type: 'disabled' } } },
  xai: {},
  openrouter: { effortField: 'reasoning', thinkingOff: { reasoning: { enabled: false } } },
  together: {},
  perplexity: {},
  vllm: { thinkingOff: NO_THINKING_TEMPLATE, probePath: '/health' },
  // While it loads its model, its list of models is there already, and its health is 503.
  'llama.cpp': { thinkingOff: NO_THINKING_TEMPLATE, probePath: '/health' },
  'lm-studio': {},
};

/** The names of all servers whose ways are known. */
export const SERVER_NAMES: readonly string[] = Object.keys(QUIRKS);

/** Whose host is whose. Servers of one's own can be anywhere: theirs has to be said. */
const HOSTS: readonly (readonly [host: string, server: ServerName])[] = [
  ['api.openai.com', 'openai'],
  ['openai.azure.com', 'azure'],
  ['cognitiveservices.azure.com', 'azure'],
  ['services.ai.azure.com', 'azure'],
  ['api.groq.com', 'groq'],
  ['api.mistral.ai', 'mistral'],
  ['api.deepseek.com', 'deepseek'],
  ['api.x.ai', 'xai'],
  ['openrouter.ai', 'openrouter'],
  ['api.together.xyz', 'together'],
  ['api.together.ai', 'together'],
  ['api.perplexity.ai', 'perplexity'],
];

/** Tells whose ways a server has, by its host; `undefined` when nothing is known of it. */
export function serverAt(host: string): ServerName | undefined {
  return HOSTS.find(([known]) => host === known || host.endsWith(`.${known}`))?.[1];
}

/** The ways of a server; without a name, what servers have in common. */
export function quirksOf(server: ServerName | undefined): Quirks {
  return server === undefined ? COMPATIBLE : { ...COMPATIBLE, ...QUIRKS[server] };
}
