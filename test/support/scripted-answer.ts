import { seededRandom } from '@sluice/core';
import { DIALECTS } from '../../packages/adapters/src/mock/dialect/all.ts';
import type { Dialect, Play } from '../../packages/adapters/src/mock/dialect/dialect.ts';
import type { Plan } from '../../packages/adapters/src/mock/plan.ts';
import type { Question, Reply } from '../../packages/adapters/src/mock/script.ts';
import { answering } from './decoding.ts';

/** A question that says nothing. */
export function aQuestion(more: Partial<Question> = {}): Question {
  return {
    number: 1,
    attempt: 1,
    model: 'model-x',
    text: '',
    messages: [],
    tools: [],
    isStreamed: true,
    headers: {},
    ...more,
  };
}

/** What a reply is planned with: the same for the same seed, at the beginning of 2026. */
export function aPlay(seed = 1): Play {
  return { random: seededRandom(seed), nowMs: 1_767_225_600_000 };
}

/** The pieces of a reply's body as its dialect sends them. */
export function piecesOf(
  { planReply }: Pick<Dialect, 'planReply'>,
  reply: Reply,
  { seed = 1, question = aQuestion() }: { seed?: number; question?: Question } = {},
): readonly Uint8Array[] {
  return answerOf(planReply(question, reply, aPlay(seed))).steps.map(({ bytes }) => bytes);
}

/** A plan that has to be an answer. */
export function answerOf(plan: Plan): Extract<Plan, { kind: 'answer' }> {
  if (plan.kind !== 'answer') throw new Error('The reply was scripted to be answered');
  return plan;
}

/** A `fetch` that answers every request as a dialect plans a reply: without a network, and at once. */
export function answeringAs(name: string, reply: Reply): typeof fetch {
  const dialect = DIALECTS.find((known) => known.name === name);
  if (dialect === undefined) throw new Error(`There is no dialect ${name}`);
  const { status, headers, steps } = answerOf(dialect.planReply(aQuestion(), reply, aPlay()));
  const { 'transfer-encoding': _, ...sent } = headers;
  return answering(
    steps.map(({ bytes }) => bytes),
    { status, headers: sent },
  );
}
