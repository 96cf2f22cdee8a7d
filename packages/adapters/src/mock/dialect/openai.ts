import { charEstimate, type FinishReason, type Random, type Usage } from '@sluice/core';
import type { ChatChunk, ChatUsage, ModelList } from '../../openai/wire.ts';
import { arrayAt, isRecord, recordAt, textAt } from '../../transport/json.ts';
import type { Fault } from '../fault.ts';
import { frameEvent } from '../physics.ts';
import { paced, type Plan, type PlanEnd, planText } from '../plan.ts';
import type { Question, Reply } from '../script.ts';
import { argumentsOf, deltasOf, wholeText } from './openai-delta.ts';
import { errorBody, planStatus } from './openai-error.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const EVENT_HEADERS = {
  'content-type': 'text/event-stream; charset=utf-8',
  // As the provider says it. Without it MSW in Node takes a broken connection for a proper end.
  'transfer-encoding': 'chunked',
};

/** When scripted answers were made, in epoch seconds: 2026-01-01. They are the same every time. */
const CREATED = 1_767_225_600;

/** Reads the body of `POST /chat/completions`. */
export function readQuestion(body: unknown): Omit<Question, 'number'> {
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
    tools: arrayAt(fields, 'tools').flatMap((tool) => {
      const name = isRecord(tool) ? textAt(recordAt(tool, 'function') ?? {}, 'name') : undefined;
      return name === undefined ? [] : [name];
    }),
  };
}

/** Plans the answer to a question, faults included: the inverse of the decoder. */
export function planReply(question: Question, reply: Reply, random: Random): Plan {
  const { fault, framing, physics } = reply;
  switch (fault?.kind) {
    case 'hang':
    case 'refuse':
      return { kind: fault.kind };
    case 'status':
      return planStatus(fault, requestId(question));
    case 'json':
      return planText(200, fault.body ?? wholeAnswer(question, reply), JSON_HEADERS);
    default: {
      const events = withFault(eventsOf(question, reply), reply, deltasOf(reply).length);
      const framed = events.map((data) => frameEvent(data, framing));
      const last = framed.at(-1);
      if (framing?.hasFinalBlankLine === false && last !== undefined) {
        const lineEnd = framing.lineEnd ?? '\n';
        framed[framed.length - 1] = last.slice(0, -lineEnd.length);
      }
      return {
        kind: 'answer',
        status: 200,
        headers: { ...EVENT_HEADERS, 'x-request-id': requestId(question) },
        steps: paced(framed, { physics, framing, random }),
        end: endOf(fault),
      };
    }
  }
}

/** Plans the answer to `GET /models`. */
export function planModels(models: readonly string[]): Plan {
  const list: ModelList = {
    object: 'list',
    data: models.map((id) => ({ id, object: 'model', created: CREATED, owned_by: 'mock' })),
  };
  return planText(200, JSON.stringify(list), JSON_HEADERS);
}

/** Writes a reply as the data of its events, in their order, `[DONE]` included. */
export function eventsOf(question: Question, reply: Reply): readonly string[] {
  const chunk = chunkWriter(question);
  const usage = usageOf(question, reply);
  return [
    ...deltasOf(reply).map((delta) => chunk([{ index: 0, delta, finish_reason: null }])),
    chunk([{ index: 0, delta: {}, finish_reason: finishOf(reply) }]),
    ...(usage === undefined ? [] : [chunk([], usage)]),
    ...(reply.framing?.hasDone === false ? [] : ['[DONE]']),
  ];
}

function chunkWriter(
  question: Question,
): (choices: ChatChunk['choices'], usage?: ChatUsage) => string {
  return (choices, usage) =>
    JSON.stringify({
      id: `chatcmpl-${question.number}`,
      object: 'chat.completion.chunk',
      created: CREATED,
      model: question.model,
      choices,
      usage: usage ?? null,
    } satisfies ChatChunk);
}

/** Puts the fault among the events: after all content, and before the finish reason, unless told where. */
function withFault(
  events: readonly string[],
  { fault }: Reply,
  contents: number,
): readonly string[] {
  switch (fault?.kind) {
    case 'malformed': {
      const after = fault.afterEvents ?? contents;
      return [...events.slice(0, after), '{"id":"chatcmpl-', ...events.slice(after)];
    }
    case 'error': {
      const error = JSON.stringify(errorBody({ status: 500, ...fault }));
      return [...events.slice(0, fault.afterEvents ?? contents), error];
    }
    case 'cut':
    case 'reset':
    case 'stall':
      return events.slice(0, fault.afterEvents ?? contents);
    default:
      return events;
  }
}

function endOf(fault: Fault | undefined): PlanEnd {
  if (fault?.kind === 'reset') return 'reset';
  return fault?.kind === 'stall' || fault?.kind === 'linger' ? 'stall' : 'close';
}

function wholeAnswer(question: Question, reply: Reply): string {
  const calls = (reply.toolCalls ?? []).map((call, at) => ({
    id: call.id ?? `call_${at}`,
    type: 'function',
    function: { name: call.name, arguments: argumentsOf(call) },
  }));
  const message = {
    role: 'assistant',
    content: wholeText(reply),
    ...(calls.length === 0 ? {} : { tool_calls: calls }),
  };
  return JSON.stringify({
    id: `chatcmpl-${question.number}`,
    object: 'chat.completion',
    created: CREATED,
    model: question.model,
    choices: [{ index: 0, message, finish_reason: finishOf(reply) }],
    usage: usageOf(question, reply),
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

function usageOf(question: Question, reply: Reply): ChatUsage | undefined {
  if (reply.usage === null) return undefined;
  const { input, output } = reply.usage ?? estimate(question, reply);
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

function estimate({ messages }: Question, reply: Reply): Usage {
  const input = messages.reduce((total, { text }) => total + charEstimate.count(text), 0);
  const output = charEstimate.count(wholeText(reply) + (reply.refusal ?? ''));
  return { input: { total: input }, output: { total: output } };
}

function requestId({ number }: Question): string {
  return `req_mock_${number}`;
}

function readContent(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) ? (textAt(part, 'text') ?? '') : '')).join('');
}
