import type { FinishReason, Usage } from '@sluice/core';
import type { MessageAnswer, MessageEvent, MessageUsage, ModelPage } from '../../anthropic/wire.ts';
import { type Fields, arrayAt, isRecord, textAt } from '../../transport/json.ts';
import type { WireEvent } from '../physics.ts';
import { type Plan, planText } from '../plan.ts';
import type { Question, Reply } from '../script.ts';
import { blockEvents, wholeBlocks } from './anthropic-block.ts';
import { errorBody, limitHeaders, planRefusal, refusalOf } from './anthropic-error.ts';
import type { AskedOf, Dialect, Play } from './dialect.ts';
import { usageOf } from './pieces.ts';
import { planAnswer } from './plan-answer.ts';
import { planStatus } from './plan-status.ts';

/** Anthropic's Messages. */
export const anthropicDialect: Dialect = {
  name: 'anthropic',
  baseUrl: 'https://api.anthropic.com',
  ask: ({ method, path, headers }) => {
    if (method === 'POST' && path.endsWith('/v1/messages')) return 'completion';
    const isOurs = 'anthropic-version' in headers; // its list has the same path as others'
    return method === 'GET' && isOurs && path.endsWith('/v1/models') ? 'models' : undefined;
  },
  isLetIn: (headers, apiKey) =>
    headers['x-api-key'] === apiKey || headers['authorization'] === `Bearer ${apiKey}`,
  readQuestion,
  planReply,
  planModels,
  planRefusal,
  limitHeaders,
};

/** Reads the body of `POST /v1/messages`. */
export function readQuestion(body: unknown): AskedOf {
  const fields = isRecord(body) ? body : {};
  const system = textIn(fields['system']);
  const messages = [
    ...(system === '' ? [] : [{ role: 'system', text: system }]),
    ...arrayAt(fields, 'messages').filter(isRecord).flatMap(messagesIn),
  ];
  return {
    model: textAt(fields, 'model') ?? '',
    text: messages.findLast(({ role }) => role === 'user')?.text ?? '',
    messages,
    isStreamed: fields['stream'] === true,
    tools: arrayAt(fields, 'tools').flatMap((tool) => {
      const name = isRecord(tool) ? textAt(tool, 'name') : undefined;
      return name === undefined ? [] : [name];
    }),
  };
}

/** Plans the answer to a question, faults included: the inverse of the decoder. */
export function planReply(question: Question, reply: Reply, play: Play): Plan {
  const requestId = `req_mock_${question.number}`;
  const limits = reply.limits === undefined ? {} : limitHeaders(reply.limits, play.nowMs);
  const headers = { 'request-id': requestId, ...limits };
  const events = eventsOf(question, reply);
  return planAnswer(
    reply,
    {
      isStreamed: question.isStreamed,
      framing: 'sse',
      headers,
      events: events.map(asEvent),
      contents: events.findIndex(({ type }) => type === 'message_delta'),
      malformed: { name: 'content_block_delta', data: '{"type":"content_bl' },
      error: (fault) => [
        asEvent({ ...errorBody({ status: 500, ...fault }), request_id: requestId }),
      ],
      refusal: (fault) => {
        const refusal = refusalOf(fault, requestId);
        return planStatus(fault, { ...refusal, headers: { ...headers, ...refusal.headers } }, play);
      },
      whole: () => JSON.stringify(wholeAnswer(question, reply)),
      ping: asEvent({ type: 'ping' }),
    },
    play,
  );
}

/** Plans the answer to `GET /v1/models`. */
export function planModels(models: readonly string[]): Plan {
  const page: ModelPage = {
    data: models.map((id) => ({
      type: 'model',
      id,
      display_name: id,
      created_at: '2026-01-01T00:00:00Z', // the same every time
    })),
    has_more: false,
    first_id: models[0] ?? null,
    last_id: models.at(-1) ?? null,
  };
  return planText(200, JSON.stringify(page), { 'content-type': 'application/json' });
}

/** Writes a reply as its events, in their order. */
export function eventsOf(question: Question, reply: Reply): readonly MessageEvent[] {
  const usage = messageUsage(usageOf(question, reply));
  const message = { ...answerOf(question, []), stop_reason: null };
  return [
    {
      type: 'message_start',
      // What the answer itself takes is known at its end.
      message:
        usage === undefined ? message : { ...message, usage: { ...usage, output_tokens: 1 } },
    },
    ...blockEvents(reply),
    {
      type: 'message_delta',
      delta: { stop_reason: stopOf(reply), stop_sequence: null },
      ...(usage === undefined ? {} : { usage }),
    },
    { type: 'message_stop' },
  ];
}

function asEvent(event: MessageEvent): WireEvent {
  return { name: event.type, data: JSON.stringify(event) };
}

function wholeAnswer(question: Question, reply: Reply): MessageAnswer {
  const usage = messageUsage(usageOf(question, reply));
  return {
    ...answerOf(question, wholeBlocks(reply)),
    stop_reason: stopOf(reply),
    ...(usage === undefined ? {} : { usage }),
  };
}

function answerOf(
  { number, model }: Question,
  content: MessageAnswer['content'],
): Omit<MessageAnswer, 'stop_reason'> {
  return {
    id: `msg_mock_${number}`,
    type: 'message',
    role: 'assistant',
    model,
    content,
    stop_sequence: null,
  };
}

const STOP: Readonly<Record<FinishReason, string>> = {
  stop: 'end_turn',
  length: 'max_tokens',
  'tool-calls': 'tool_use',
  'content-filter': 'refusal',
  other: 'pause_turn',
};

function stopOf({ finish, refusal, toolCalls = [] }: Reply): string {
  if (finish !== undefined) return STOP[finish];
  if (refusal !== undefined) return STOP['content-filter'];
  return STOP[toolCalls.length > 0 ? 'tool-calls' : 'stop'];
}

/** The wire counts what the cache holds beside the input. */
function messageUsage(usage: Usage | undefined): MessageUsage | undefined {
  if (usage === undefined) return undefined;
  const { total, cacheRead, cacheWrite } = usage.input;
  const { reasoning } = usage.output;
  return {
    input_tokens: Math.max(0, total - (cacheRead ?? 0) - (cacheWrite ?? 0)),
    ...(cacheWrite === undefined ? {} : { cache_creation_input_tokens: cacheWrite }),
    ...(cacheRead === undefined ? {} : { cache_read_input_tokens: cacheRead }),
    output_tokens: usage.output.total,
    ...(reasoning === undefined ? {} : { output_tokens_details: { thinking_tokens: reasoning } }),
  };
}

/** The results of tools stand in the user's turn; in a question they speak for themselves, as in the other dialects. */
function messagesIn(turn: Fields): AskedOf['messages'] {
  const { content } = turn;
  const blocks = arrayAt(turn, 'content').filter(isRecord);
  const results = blocks.filter(({ type }) => type === 'tool_result');
  const isOnlyResults = results.length > 0 && results.length === blocks.length;
  return [
    ...results.map((result) => ({ role: 'tool', text: textIn(result['content']) })),
    ...(isOnlyResults ? [] : [{ role: textAt(turn, 'role') ?? '', text: textIn(content) }]),
  ];
}

/** The text of a string, or of the blocks of text in a list. */
function textIn(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((block) => (isRecord(block) ? (textAt(block, 'text') ?? '') : '')).join('');
}
