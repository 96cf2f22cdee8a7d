import type { ResponsesResponse, ResponsesUsage } from '../../openai/responses-wire.ts';
import { arrayAt, isRecord, textAt } from '../../transport/json.ts';
import type { Fault } from '../fault.ts';
import type { WireEvent } from '../physics.ts';
import type { Plan } from '../plan.ts';
import type { Question, Reply } from '../script.ts';
import type { AskedOf, Dialect, Play } from './dialect.ts';
import { openaiDialect } from './openai.ts';
import { errorBody, limitHeaders, planRefusal, refusalOf } from './openai-error.ts';
import { usageOf } from './pieces.ts';
import { planAnswer } from './plan-answer.ts';
import { planStatus } from './plan-status.ts';
import { type ItemEvent, itemsOf } from './responses-items.ts';

/** OpenAI's Responses: on the same account as its Chat Completions, with the same lists, limits and refusals. */
export const responsesDialect: Dialect = {
  ...openaiDialect,
  name: 'responses',
  ask: ({ method, path }) => {
    if (method === 'POST' && path.endsWith('/responses')) return 'completion';
    return method === 'GET' && path.endsWith('/models') ? 'models' : undefined;
  },
  readQuestion,
  planReply,
  planRefusal,
};

/** When scripted answers were made, in epoch seconds: 2026-01-01. They are the same every time. */
const CREATED = 1_767_225_600;

function readQuestion(body: unknown): AskedOf {
  const fields = isRecord(body) ? body : {};
  const instructions = textAt(fields, 'instructions');
  const input = textAt(fields, 'input');
  const messages = [
    ...(instructions === undefined ? [] : [{ role: 'system', text: instructions }]),
    ...(input === undefined ? [] : [{ role: 'user', text: input }]),
    ...arrayAt(fields, 'input').filter(isRecord).flatMap(messageOf),
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

function messageOf(
  item: Readonly<Record<string, unknown>>,
): readonly { readonly role: string; readonly text: string }[] {
  const role = textAt(item, 'role');
  if (role !== undefined) return [{ role, text: readContent(item['content']) }];
  const isResult = textAt(item, 'type')?.endsWith('_output') === true;
  return isResult ? [{ role: 'tool', text: readContent(item['output']) }] : [];
}

function readContent(content: unknown): string {
  if (typeof content === 'string') return content;
  if (!Array.isArray(content)) return '';
  return content.map((part) => (isRecord(part) ? (textAt(part, 'text') ?? '') : '')).join('');
}

function planReply(question: Question, reply: Reply, play: Play): Plan {
  const requestId = `req_mock_${question.number}`;
  const limits = reply.limits === undefined ? {} : limitHeaders(reply.limits);
  const headers = { 'x-request-id': requestId, ...limits };
  const events = eventsOf(question, reply);
  return planAnswer(
    reply,
    {
      isStreamed: question.isStreamed,
      framing: 'sse',
      headers,
      events,
      contents: events.length - 1,
      malformed: { name: 'response.output_text.delta', data: '{"type":"response.' },
      error: (fault) => errorEvents(question, fault),
      refusal: (fault) => planStatus(fault, refusalOf(fault, headers), play),
      whole: () => JSON.stringify(endOf(question, reply)),
    },
    play,
  );
}

function eventsOf(question: Question, reply: Reply): readonly WireEvent[] {
  const response = beginning(question);
  const end = endOf(question, reply);
  return numbered([
    { type: 'response.created', response },
    { type: 'response.in_progress', response },
    ...itemsOf(question, reply).events,
    { type: `response.${end.status}`, response: end },
  ]);
}

/** Both forms that were seen, one after the other in one stream. */
function errorEvents(
  question: Question,
  fault: Extract<Fault, { kind: 'error' }>,
): readonly WireEvent[] {
  const { error } = errorBody({ status: 500, ...fault });
  const { message } = error;
  const code = error.code ?? error.type;
  return numbered([
    { type: 'error', error },
    {
      type: 'response.failed',
      response: { ...beginning(question), status: 'failed', error: { code, message } },
    },
  ]);
}

function numbered(events: readonly ItemEvent[]): readonly WireEvent[] {
  return events.map(({ type, ...fields }, sequence_number) => ({
    name: type,
    data: JSON.stringify({ type, sequence_number, ...fields }),
  }));
}

function beginning({ number, model }: Question): ResponsesResponse {
  return {
    id: `resp_${number}`,
    object: 'response',
    created_at: CREATED,
    status: 'in_progress',
    model,
    output: [],
    error: null,
    incomplete_details: null,
    usage: null,
  };
}

function endOf(question: Question, reply: Reply): ResponsesResponse {
  const reason = cutReasonOf(reply);
  return {
    ...beginning(question),
    status: reason === undefined ? 'completed' : 'incomplete',
    output: itemsOf(question, reply).output,
    incomplete_details: reason === undefined ? null : { reason },
    usage: responsesUsage(question, reply),
  };
}

/** Why the answer is not complete; `undefined` when it is. A refusal is complete. */
function cutReasonOf({ finish, refusal }: Reply): string | undefined {
  switch (finish) {
    case 'length':
      return 'max_output_tokens';
    case 'content-filter':
      return refusal === undefined ? 'content_filter' : undefined;
    case 'other':
      return 'other';
    default:
      return undefined;
  }
}

function responsesUsage(question: Question, reply: Reply): ResponsesUsage | null {
  const usage = usageOf(question, reply);
  if (usage === undefined) return null;
  const { input, output } = usage;
  return {
    input_tokens: input.total,
    input_tokens_details: {
      cached_tokens: input.cacheRead ?? 0,
      ...(input.cacheWrite === undefined ? {} : { cache_write_tokens: input.cacheWrite }),
    },
    output_tokens: output.total,
    output_tokens_details: { reasoning_tokens: output.reasoning ?? 0 },
    total_tokens: input.total + output.total,
  };
}
