import type {
  OllamaChunk,
  OllamaErrorBody,
  OllamaModelList,
  OllamaToolCall,
  OllamaVersion,
} from '../../ollama/wire.ts';
import { arrayAt, isRecord, recordAt, textAt } from '../../transport/json.ts';
import type { StatusFault } from '../fault.ts';
import { type Plan, planText } from '../plan.ts';
import type { Question, Reply, ScriptedToolCall } from '../script.ts';
import type { AskedOf, Dialect, Play } from './dialect.ts';
import { objectArguments } from './object-arguments.ts';
import { piecesOf, textPieces, usageOf } from './pieces.ts';
import { planAnswer } from './plan-answer.ts';
import { goDuration, planStatus } from './plan-status.ts';

/** Ollama's own chat. */
export const ollamaDialect: Dialect = {
  name: 'ollama',
  baseUrl: 'http://127.0.0.1:11434',
  ask: ({ method, path }) => {
    if (method === 'POST' && path.endsWith('/api/chat')) return 'completion';
    if (method === 'GET' && path.endsWith('/api/tags')) return 'models';
    return method === 'GET' && path.endsWith('/api/version') ? 'health' : undefined;
  },
  isLetIn: (headers, apiKey) => headers['authorization'] === `Bearer ${apiKey}`,
  readQuestion,
  planReply,
  planModels,
  planHealth: () => planJson(200, { version: '0.12.6' } satisfies OllamaVersion),
  planRefusal: (status, message) => planJson(status, errorBody({ status, message })),
};

/** Reads the body of `POST /api/chat`. */
export function readQuestion(body: unknown): AskedOf {
  const fields = isRecord(body) ? body : {};
  const messages = arrayAt(fields, 'messages')
    .filter(isRecord)
    .map((message) => ({
      role: textAt(message, 'role') ?? '',
      text: textAt(message, 'content') ?? '',
    }));
  return {
    model: textAt(fields, 'model') ?? '',
    text: messages.findLast(({ role }) => role === 'user')?.text ?? '',
    messages,
    isStreamed: fields['stream'] !== false, // unless told otherwise
    tools: arrayAt(fields, 'tools').flatMap((tool) => {
      const name = isRecord(tool) ? textAt(recordAt(tool, 'function') ?? {}, 'name') : undefined;
      return name === undefined ? [] : [name];
    }),
  };
}

/** Plans the answer to a question, faults included: the inverse of the decoder. */
export function planReply(question: Question, reply: Reply, play: Play): Plan {
  return planAnswer(
    reply,
    {
      isStreamed: question.isStreamed,
      framing: 'ndjson',
      headers: {},
      events: linesOf(question, reply).map((line) => ({ data: JSON.stringify(line) })),
      contents: messagesOf(reply).length,
      malformed: { data: '{"model":"' },
      error: (fault) => [{ data: JSON.stringify(errorBody({ status: 500, ...fault })) }],
      refusal: (fault) => planStatus(fault, { body: errorBody(fault), headers: {} }, play),
      whole: () => JSON.stringify(wholeAnswer(question, reply)),
    },
    play,
  );
}

/** Plans the answer to `GET /api/tags`. */
export function planModels(models: readonly string[]): Plan {
  const list: OllamaModelList = {
    models: models.map((name) => ({
      name,
      model: name,
      modified_at: timeOf(0),
      size: 2_019_393_189,
      digest: 'a80c4f17acd55265feec403c7aef86be0c25983ab279d83f3bcd3abbcb5b8b72',
    })),
  };
  return planJson(200, list);
}

type Message = OllamaChunk['message'];

/** Writes a reply as its lines, the last one done. */
function linesOf(question: Question, reply: Reply): readonly OllamaChunk[] {
  const lines = messagesOf(reply).map((message, place): OllamaChunk => {
    return { model: question.model, created_at: timeOf(place), message, done: false };
  });
  const message: Message = { role: 'assistant', content: '' };
  return [...lines, lastLine(question, reply, { message, place: lines.length })];
}

/** Calls come whole: a line each, or, interleaved, all in one. */
function messagesOf(reply: Reply): readonly Message[] {
  const { thinking, refusal, toolCalls = [], areCallsInterleaved = false } = reply;
  const calls = toolCalls.map(encodeCall);
  const groups = areCallsInterleaved && calls.length > 0 ? [calls] : calls.map((call) => [call]);
  const say = (content: string): Message => ({ role: 'assistant', content });
  return [
    ...piecesOf(thinking).map((piece) => ({ ...say(''), thinking: piece })),
    ...piecesOf(refusal).map(say),
    ...textPieces(reply).map(say),
    ...groups.map((tool_calls) => ({ ...say(''), tool_calls })),
  ];
}

function lastLine(
  question: Question,
  reply: Reply,
  { message, place }: { readonly message: Message; readonly place: number },
): OllamaChunk {
  const usage = usageOf(question, reply);
  return {
    model: question.model,
    created_at: timeOf(place),
    message,
    done: true,
    // There are no others: calls of tools and refusals end as everything that goes well.
    done_reason: reply.finish === 'length' ? 'length' : 'stop',
    total_duration: 99_000_000,
    prompt_eval_count: usage?.input.total,
    eval_count: usage?.output.total,
  };
}

function wholeAnswer(question: Question, reply: Reply): OllamaChunk {
  const messages = messagesOf(reply);
  const joined = (field: 'content' | 'thinking'): string =>
    messages.map((message) => message[field] ?? '').join('');
  const thinking = joined('thinking');
  const calls = messages.flatMap(({ tool_calls = [] }) => tool_calls);
  const message: Message = {
    role: 'assistant',
    content: joined('content'),
    thinking: thinking === '' ? undefined : thinking,
    tool_calls: calls.length === 0 ? undefined : calls,
  };
  return lastLine(question, reply, { message, place: 0 });
}

function encodeCall(call: ScriptedToolCall, index: number): OllamaToolCall {
  return { id: call.id, function: { index, name: call.name, arguments: objectArguments(call) } };
}

/** When scripted lines were written: from the beginning of 2026 on, a tenth of a second each. */
function timeOf(place: number): string {
  return new Date(1_767_225_600_000 + place * 100).toISOString();
}

/** Ollama's words for each status it answers with. */
const MESSAGES: Readonly<Record<number, string>> = {
  400: 'invalid request body',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'model not found, try pulling it first',
  429: 'too many requests',
  500: 'model runner has unexpectedly stopped, this may be due to resource limitations',
  503: 'server busy, please try again.  maximum pending requests exceeded',
};

function errorBody(
  fault: Pick<StatusFault, 'status' | 'message' | 'retryAfterMs' | 'retryHint'>,
): OllamaErrorBody {
  const { status, retryAfterMs, retryHint } = fault;
  const error = fault.message ?? MESSAGES[status] ?? 'something failed';
  if (retryHint !== 'body' || retryAfterMs === undefined) return { error };
  return { error: `${error}, try again in ${goDuration(retryAfterMs)}` };
}

function planJson(status: number, body: object): Plan {
  return planText(status, JSON.stringify(body), { 'content-type': 'application/json' });
}
