import type { Random } from '@sluice/core';
import type { Plan } from '../plan.ts';
import type { Question, Reply, ScriptedLimits } from '../script.ts';

/** What a request wants: an answer, the list of models, or to know whether anybody is there. */
export type Ask = 'completion' | 'models' | 'health';

/** A request, before its body is read. */
export interface AskingRequest {
  readonly method: string;
  /** Without the query. */
  readonly path: string;
  /** By name in lower case. */
  readonly headers: Readonly<Record<string, string>>;
}

/** What a dialect reads of a request's body. The rest of the question is the same for all. */
export type AskedOf = Pick<Question, 'model' | 'text' | 'messages' | 'tools' | 'isStreamed'>;

/** What a reply is planned with. */
export interface Play {
  /** Draws jitter and random cuts. */
  readonly random: Random;
  /** Epoch milliseconds, for waits that are told as a date. */
  readonly nowMs: number;
}

/** One wire, as a provider speaks it: reads its requests and plans its answers. Knows no network and keeps no state. */
export interface Dialect {
  readonly name: string;
  /** The provider's own address, as the provider's family has it by default. */
  readonly baseUrl: string;
  /** Whether a request is for this dialect, and what it wants. */
  ask(request: AskingRequest): Ask | undefined;
  /** Whether a request shows this key where the provider looks for it. */
  isLetIn(headers: AskingRequest['headers'], apiKey: string): boolean;
  /** Reads the body, parsed, of a request for an answer. Some wires name the model in the path. */
  readQuestion(body: unknown, path: string): AskedOf;
  /** Plans the answer to a question, faults included: the inverse of the decoder. */
  planReply(question: Question, reply: Reply, play: Play): Plan;
  /** Plans the list of models. */
  planModels(models: readonly string[]): Plan;
  /** Plans the answer to whoever asks whether somebody is there. */
  planHealth?(): Plan;
  /** Plans a refusal in the provider's own words. */
  planRefusal(status: number, message?: string): Plan;
  /** Writes rate limits as the provider's headers. Default: it has none. */
  limitHeaders?(limits: ScriptedLimits, nowMs: number): Readonly<Record<string, string>>;
}
