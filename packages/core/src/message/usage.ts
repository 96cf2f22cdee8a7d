import type { CompletionRequest, Usage } from './completion.ts';
import type { Message } from './message.ts';
import { charEstimate, countMessage, type Tokenizer } from './tokenizer.ts';

/** No tokens, and known to be none: where nothing was sent. */
export const NO_USAGE: Usage = { input: { total: 0 }, output: { total: 0 } };

/**
 * Estimates what a request and its answer use, for providers that do not say and for streams that ended early. Marked
 * `estimated`. `answer` is the message, or its text.
 */
export function estimateUsage(
  request: CompletionRequest,
  answer: Message | string,
  tokenizer: Tokenizer = charEstimate,
): Usage {
  return {
    input: { total: estimateInput(request, tokenizer) },
    output: {
      total: typeof answer === 'string' ? tokenizer.count(answer) : countMessage(answer, tokenizer),
    },
    estimated: true,
  };
}

/** Estimates the tokens of a request: its messages and the definitions of its tools. */
export function estimateInput(
  { messages, tools }: CompletionRequest,
  tokenizer: Tokenizer = charEstimate,
): number {
  let tokens = 0;
  for (const message of messages) tokens += countMessage(message, tokenizer);
  for (const tool of tools ?? []) tokens += tokenizer.count(JSON.stringify(tool));
  return tokens;
}

/** Adds two usages up, as for the turns of one run. Estimated when either is. */
export function addUsage(a: Usage, b: Usage): Usage {
  const cacheRead = addKnown(a.input.cacheRead, b.input.cacheRead);
  const cacheWrite = addKnown(a.input.cacheWrite, b.input.cacheWrite);
  const reasoning = addKnown(a.output.reasoning, b.output.reasoning);
  return {
    input: {
      total: a.input.total + b.input.total,
      ...(cacheRead === undefined ? {} : { cacheRead }),
      ...(cacheWrite === undefined ? {} : { cacheWrite }),
    },
    output: {
      total: a.output.total + b.output.total,
      ...(reasoning === undefined ? {} : { reasoning }),
    },
    ...(a.estimated === true || b.estimated === true ? { estimated: true } : {}),
  };
}

function addKnown(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined && b === undefined ? undefined : (a ?? 0) + (b ?? 0);
}
