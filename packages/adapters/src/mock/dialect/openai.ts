import type { FinishReason } from '@sluice/core';
import type { ChatChunk, ChatUsage, ModelList } from '../../openai/wire.ts';
import { arrayAt, isRecord, recordAt, textAt } from '../../transport/json.ts';
import type { WireEvent } from '../physics.ts';
import { type Plan, planText } from '../plan.ts';
import type { Question, Reply } from '../script.ts';
import type { AskedOf, Dialect, Play } from './dialect.ts';
import { deltasOf } from './openai-delta.ts';
import { errorBody, limitHeaders, planRefusal, refusalOf } from './openai-error.ts';
import { argumentsOf, callId, piecesOf, usageOf, wholeText } from './pieces.ts';
import { planAnswer } from './plan-answer.ts';
import { planStatus } from './plan-status.ts';

/** OpenAI's Chat Completions. */
export const openaiDialect: Dialect = {
  name: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  ask: ({ method, path }) => {
    if (method === 'POST' && path.endsWith('/chat/completions')) return 'completion';
    return method === 'GET' && path.endsWith('/models') ? 'models' : undefined;
  },
  isLetIn: (headers, apiKey) => headers['authorization'] === `Bearer ${apiKey}`,
  readQuestion,
  planReply,
  planModels,
  planRefusal,
  limitHeaders,
};

/** When scripted answers were made, in epoch seconds: 2026-01-01. They are the same every time. */
const CREATED = 1_767_225_600;

/** Reads the body of `POST /chat/completions`. */
export function readQuestion(body: unknown): AskedOf {
  const fields = isRecord(body) ? body : {};
  const messages = arrayAt(fields, 'messages')
    .filter(isRecord)
    .map((message) => ({
      role: textAt(message, 'role') ?? '',
      text: readContent(message['content']),
    }));
  return {
    model: textAt(fields, 'model') ?? '',
    text: messages.findLast(({ role }) => role === 'user')?.text ?? '',
    messages,
    isStreamed: fields['stream'] === true,
    tools: arrayAt(fields, 'tools').flatMap((tool) => {
      const name = isRecord(tool) ? textAt(recordAt(tool, 'function') ?? {}, 'name') : undefined;
      return name === undefined ? [] : [name];
    }),
  };
}

/** Plans the answer to a question, faults included: the inverse of the decoder. */
export function planReply(question: Question, reply: Reply, play: Play): Plan {
  const requestId = `req_mock_${question.number}`;
  const limits = reply.limits === undefined ? {} : limitHeaders(reply.limits);
  const headers = { 'x-request-id': requestId, ...limits };
  return planAnswer(
    reply,
    {
      isStreamed: question.isStreamed,
      framing: 'sse',
      headers,
      events: eventsOf(question, reply).map(asEvent),
      contents: deltasOf(reply).length,
      malformed: asEvent('{"id":"chatcmpl-'),
      error: (fault) => [asEvent(JSON.stringify(errorBody({ status: 500, ...fault })))],
      refusal: (fault) => planStatus(fault, refusalOf(fault, headers), play),
      whole: () => wholeAnswer(question, reply),
    },
    play,
  );
}

/** Plans the answer to `GET /models`. */
export function planModels(models: readonly string[]): Plan {
  const list: ModelList = {
    object: 'list',
    data: models.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'mock' })),
  };
  return planText(200, JSON.stringify(list), { 'content-type': 'application/json' });
}

/** Writes a reply as the data of its events, in their order, `[DONE]` included. */
export function eventsOf(question: Question, reply: Reply): readonly string[] {
  const { usage: place = 'last', hasDone = true } = reply.framing ?? {};
  const usage = chatUsage(question, reply);
  const inEach = place === 'every' ? usage : undefined;
  const inLast = place === 'finish' ? usage : inEach;
  const groq = place === 'x_groq' && usage !== undefined ? { x_groq: { usage } } : {};
  const chunk = chunkWriter(question);
  return [
    ...deltasOf(reply).map((delta) => chunk([{ index: 0, delta, finish_reason: null }], inEach)),
    chunk([{ index: 0, delta: {}, finish_reason: finishOf(reply) }], inLast, groq),
    ...(usage === undefined || place !== 'last' ? [] : [chunk([], usage)]),
    ...(hasDone ? ['[DONE]'] : []),
  ];
}

type ChunkWriter = (choices: ChatChunk['choices'], usage?: ChatUsage, more?: object) => string;

function chunkWriter(question: Question): ChunkWriter {
  return (choices, usage, more = {}) =>
    JSON.stringify({
      id: `chatcmpl-${question.number}`,
      object: 'chat.completion.chunk',
      created: CREATED,
      model: question.model,
      choices,
      usage: usage ?? null,
      ...more,
    } satisfies ChatChunk);
}

function asEvent(data: string): WireEvent {
  return { data };
}

function wholeAnswer(question: Question, reply: Reply): string {
  const calls = (reply.toolCalls ?? []).map((call, at) => ({
    id: callId(call, at),
    type: 'function',
    function: { name: call.name, arguments: argumentsOf(call) },
  }));
  const { thinking, refusal } = reply;
  const message = {
    role: 'assistant',
    content: wholeText(reply),
    ...(refusal === undefined ? {} : { refusal }),
    ...(thinking === undefined ? {} : { reasoning_content: piecesOf(thinking).join('') }),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return JSON.stringify({
    id: `chatcmpl-${question.number}`,
    object: 'chat.completion',
    created: CREATED,
    model: question.model,
    choices: [{ index: 0, message, finish_reason: finishOf(reply) }],
    usage: chatUsage(question, reply),
  });
}

const FINISH: Readonly<Record<FinishReason, string>> = {
  stop: 'stop',
  length: 'length',
  'tool-calls': 'tool_calls',
  'content-filter': 'content_filter',
  other: 'other',
};

function finishOf({ finish, toolCalls = [] }: Reply): string {
  return FINISH[finish ?? (toolCalls.length > 0 ? 'tool-calls' : 'stop')];
}

function chatUsage(question: Question, reply: Reply): ChatUsage | undefined {
  const usage = usageOf(question, reply);
  if (usage === undefined) return undefined;
  const { input, output } = usage;
  return {
    prompt_tokens: input.total,
    completion_tokens: output.total,
    total_tokens: input.total + output.total,
    ...(input.cacheRead === undefined
      ? {}
      : { prompt_tokens_details: { cached_tokens: input.cacheRead } }),
    ...(output.reasoning === undefined
      ? {}
      : { completion_tokens_details: { reasoning_tokens: output.reasoning } }),
  };
}

function readContent(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) ? (textAt(part, 'text') ?? '') : '')).join('');
}
