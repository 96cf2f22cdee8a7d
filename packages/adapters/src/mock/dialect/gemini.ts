import type { GenerateResponse, GeminiModelList } from '../../gemini/wire.ts';
import { arrayAt, isRecord, recordAt, textAt } from '../../transport/json.ts';
import { type Plan, planText } from '../plan.ts';
import type { Question, Reply } from '../script.ts';
import type { AskedOf, Dialect, Play } from './dialect.ts';
import { errorBody, planRefusal, refusalOf } from './gemini-error.ts';
import { finishOf, geminiUsage, partsOf } from './gemini-part.ts';
import { planAnswer } from './plan-answer.ts';
import { planStatus } from './plan-status.ts';

/** Gemini's `streamGenerateContent`, and `generateContent`. */
export const geminiDialect: Dialect = {
  name: 'gemini',
  baseUrl: 'https://generativelanguage.googleapis.com/v1beta',
  ask: ({ method, path, headers }) => {
    if (method === 'POST' && /:(?:streamG|g)enerateContent$/.test(path)) return 'completion';
    const isOurs = 'x-goog-api-key' in headers || /\/(?:v1beta|publishers\/google)\//.test(path);
    return method === 'GET' && isOurs && path.endsWith('/models') ? 'models' : undefined;
  },
  isLetIn: (headers, apiKey) =>
    headers['x-goog-api-key'] === apiKey || headers['authorization'] === `Bearer ${apiKey}`,
  readQuestion,
  planReply,
  planModels,
  planRefusal,
};

/** Reads the body of `POST /models/{model}:streamGenerateContent`. */
export function readQuestion(body: unknown, path: string): AskedOf {
  const fields = isRecord(body) ? body : {};
  const system = recordAt(fields, 'systemInstruction');
  const messages = [
    ...(system === undefined ? [] : [{ role: 'system', text: textIn(system) }]),
    ...arrayAt(fields, 'contents')
      .filter(isRecord)
      .map((content) => ({ role: roleOf(content), text: textIn(content) })),
  ];
  return {
    model: decodeURIComponent(/([^/]+):\w+$/.exec(path)?.[1] ?? ''),
    text: messages.findLast(({ role }) => role === 'user')?.text ?? '',
    messages,
    isStreamed: path.endsWith(':streamGenerateContent'),
    tools: arrayAt(fields, 'tools').flatMap((tool) =>
      arrayAt(isRecord(tool) ? tool : {}, 'functionDeclarations').flatMap((declared) => {
        const name = isRecord(declared) ? textAt(declared, 'name') : undefined;
        return name === undefined ? [] : [name];
      }),
    ),
  };
}

/** Plans the answer to a question, faults included: the inverse of the decoder. */
export function planReply(question: Question, reply: Reply, play: Play): Plan {
  // As Google ends its lines, unless the script has it otherwise.
  const framed = { ...reply, framing: { lineEnd: '\r\n' as const, ...reply.framing } };
  return planAnswer(
    framed,
    {
      isStreamed: question.isStreamed,
      framing: 'sse',
      headers: {},
      events: eventsOf(question, reply).map((event) => ({ data: JSON.stringify(event) })),
      contents: partsOf(reply).length,
      malformed: { data: '{"candidates":[{"con' },
      error: (fault) => [{ data: JSON.stringify(errorBody({ status: 500, ...fault })) }],
      refusal: (fault) => planStatus(...refusalOf(fault), play),
      whole: () => JSON.stringify(wholeAnswer(question, reply)),
    },
    play,
  );
}

/** Plans the answer to `GET /models`. */
export function planModels(models: readonly string[]): Plan {
  const list: GeminiModelList = {
    models: models.map((id) => ({
      name: `models/${id}`,
      inputTokenLimit: 1_048_576,
      outputTokenLimit: 65_536,
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    })),
  };
  return planText(200, JSON.stringify(list), { 'content-type': 'application/json' });
}

/** Writes a reply as its events: one for each piece, and one that ends it. There is no last word after that. */
function eventsOf(question: Question, reply: Reply): readonly GenerateResponse[] {
  const origin = { modelVersion: question.model, responseId: `response-${question.number}` };
  const usage = geminiUsage(question, reply);
  return [
    ...partsOf(reply).map((parts) => ({
      candidates: [{ content: { role: 'model' as const, parts }, index: 0 }],
      // Told in each event; the answer's own tokens are known at the end.
      usageMetadata: usage && { promptTokenCount: usage.promptTokenCount },
      ...origin,
    })),
    {
      candidates: [
        {
          content: { role: 'model', parts: [{ text: '' }] },
          finishReason: finishOf(reply),
          index: 0,
        },
      ],
      usageMetadata: usage,
      ...origin,
    },
  ];
}

function wholeAnswer(question: Question, reply: Reply): GenerateResponse {
  const content = { role: 'model' as const, parts: partsOf(reply).flat() };
  return {
    candidates: [{ content, finishReason: finishOf(reply), index: 0 }],
    usageMetadata: geminiUsage(question, reply),
    modelVersion: question.model,
    responseId: `response-${question.number}`,
  };
}

/** In the words that the other dialects have. */
function roleOf(content: Readonly<Record<string, unknown>>): string {
  const hasResult = arrayAt(content, 'parts').some(
    (part) => isRecord(part) && 'functionResponse' in part,
  );
  if (hasResult) return 'tool';
  return textAt(content, 'role') === 'model' ? 'assistant' : 'user';
}

function textIn(content: Readonly<Record<string, unknown>>): string {
  return arrayAt(content, 'parts')
    .filter(isRecord)
    .map((part) => (part['thought'] === true ? '' : (textAt(part, 'text') ?? resultIn(part))))
    .join('');
}

function resultIn(part: Readonly<Record<string, unknown>>): string {
  const response = recordAt(recordAt(part, 'functionResponse') ?? {}, 'response') ?? {};
  return textAt(response, 'output') ?? textAt(response, 'error') ?? '';
}
