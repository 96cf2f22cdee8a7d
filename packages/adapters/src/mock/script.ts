import type { FinishReason, Json, Usage } from '@sluice/core';
import type { RecordedAnswer } from './cassette.ts';
import type { Fault } from './fault.ts';
import type { Framing, Physics } from './physics.ts';

/** What a model was asked, in one shape for every dialect. No key is kept. */
export interface Question {
  /** Counts the requests of the script from 1. */
  readonly number: number;
  /** Counts from 1 how often the same was asked of the same model: 2 is the first retry. */
  readonly attempt: number;
  readonly model: string;
  /** The text of the last message of the user; empty when there is none. */
  readonly text: string;
  /** All messages: who spoke, and the text. */
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  /** The names of the tools on offer. */
  readonly tools: readonly string[];
  /** Whether the answer is to come piece by piece, rather than as one JSON body. */
  readonly isStreamed: boolean;
  /** The request's headers, by name in lower case, but for those that carry, or could carry, a key. */
  readonly headers: Readonly<Record<string, string>>;
}

/** A question as it was read, before the script counts it. */
export type AskedQuestion = Omit<Question, 'number' | 'attempt'>;

/** One scripted answer. An empty one is the text `Hello there`. */
export interface Reply {
  /** The text, whole (it is then cut into words) or in the very pieces that are to be sent. */
  readonly text?: string | readonly string[] | undefined;
  /** What the model thinks first, in the same forms. Default: nothing. */
  readonly thinking?: string | readonly string[] | undefined;
  /** Declines to answer, in these words. Default: no. */
  readonly refusal?: string | undefined;
  readonly toolCalls?: readonly ScriptedToolCall[] | undefined;
  /** Sends the pieces of parallel tool calls in turn. @defaultValue `false` */
  readonly areCallsInterleaved?: boolean | undefined;
  /** Default: estimated from the pieces. `null`: the server does not tell. */
  readonly usage?: Usage | null | undefined;
  /** Default: `stop`, or `tool-calls` when there are some. */
  readonly finish?: FinishReason | undefined;
  /** An answer as it was recorded, sent as it came; nothing else of the reply counts then. See `replay`. */
  readonly recorded?: RecordedAnswer | undefined;
  /** Default: an answer without a fault. */
  readonly fault?: Fault | undefined;
  /** The rate limits that the headers tell, as the provider writes them. Default: none, or the mock's limiter's. */
  readonly limits?: ScriptedLimits | undefined;
  /** Further headers of an answer that begins with 200. Default: none. */
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** Default: the script's. */
  readonly physics?: Physics | undefined;
  /** Default: the script's. */
  readonly framing?: Framing | undefined;
}

/** A tool that a scripted model wants called. */
export interface ScriptedToolCall {
  readonly name: string;
  /** Sent as JSON. A string is sent as it is, valid or not. */
  readonly input: Json;
  /** Default: `call_` and its place. */
  readonly id?: string | undefined;
  /** How many characters of the arguments each piece has, or the very lengths; what is left comes last. @defaultValue `16` */
  readonly pieceLength?: number | readonly number[] | undefined;
}

/** What headers tell of an account's limits. A provider writes what it has a header for. */
export interface ScriptedLimits {
  readonly requests?: ScriptedBudget | undefined;
  /** Tokens in and out, counted together. */
  readonly tokens?: ScriptedBudget | undefined;
}

/** How much an account may use within a window, and what is left of it. */
export interface ScriptedBudget {
  readonly limit: number;
  readonly remaining: number;
  /** How long until it is whole again, in milliseconds. */
  readonly resetMs: number;
}

/** A reply to certain questions only, as often as they are asked. */
export interface MatchedReply {
  readonly when: (question: Question) => boolean;
  readonly reply: Reply | ((question: Question) => Reply);
}

/**
 * What a scripted model says: always the same; a list, in which each plain reply answers one question, in order, and
 * each matched one whatever it matches; or a function.
 */
export type ScriptSource =
  | Reply
  | readonly (Reply | MatchedReply)[]
  | ((question: Question) => Reply);

/** How a script is played. */
export interface ScriptOptions {
  /** How fast replies are that say nothing of it. Default: at once. */
  readonly physics?: Physics | undefined;
  /** How replies that say nothing of it are cut. Default: an event a piece. */
  readonly framing?: Framing | undefined;
  /** The models that are listed. @defaultValue `['mock-model']` */
  readonly models?: readonly string[] | undefined;
}

/** A script being played. Belongs to one mock: it remembers which replies are spent. */
export class Script {
  readonly models: readonly string[];
  readonly #source: ScriptSource;
  readonly #options: ScriptOptions;
  readonly #waiting: Reply[];
  readonly #attempts = new Attempts();
  #asked = 0;

  constructor(source: ScriptSource, options: ScriptOptions = {}) {
    this.#source = source;
    this.#options = options;
    this.models = options.models ?? ['mock-model'];
    this.#waiting = isList(source) ? source.filter(isPlain) : [];
  }

  /** How many questions were asked. */
  get asked(): number {
    return this.#asked;
  }

  /** Adds replies to the list: each answers one question, after those that wait already. */
  add(...replies: readonly Reply[]): void {
    this.#waiting.push(...replies);
  }

  /** Numbers a question and picks its reply. A list that is spent answers 500, and says so. */
  reply(asked: AskedQuestion): { readonly question: Question; readonly reply: Reply } {
    const question = this.#number(asked);
    const { physics, framing } = this.#options;
    return { question, reply: { physics, framing, ...this.#pick(question) } };
  }

  /** Numbers a question that is refused before the script is looked at. No reply is spent. */
  refuse(asked: AskedQuestion): { readonly question: Question } {
    return { question: this.#number(asked) };
  }

  #number(asked: AskedQuestion): Question {
    this.#asked += 1;
    return { ...asked, number: this.#asked, attempt: this.#attempts.count(asked) };
  }

  #pick(question: Question): Reply {
    const source = this.#source;
    if (typeof source === 'function') return source(question);
    if (!isList(source)) return source;
    const matched = source.find((step) => !isPlain(step) && step.when(question));
    if (matched !== undefined && 'when' in matched) {
      return typeof matched.reply === 'function' ? matched.reply(question) : matched.reply;
    }
    return this.#waiting.shift() ?? spent(question.number);
  }
}

/** How many different questions are remembered; the oldest is forgotten first. */
const MAX_QUESTIONS = 1_000;

/** Counts how often the same was asked. */
class Attempts {
  readonly #counts = new Map<string, number>();

  count({ model, messages }: Pick<Question, 'model' | 'messages'>): number {
    const key = JSON.stringify([model, messages]);
    const count = (this.#counts.get(key) ?? 0) + 1;
    this.#counts.set(key, count);
    if (this.#counts.size > MAX_QUESTIONS) {
      for (const oldest of this.#counts.keys()) {
        this.#counts.delete(oldest);
        break;
      }
    }
    return count;
  }
}

function spent(number: number): Reply {
  const message = `The script has no reply to request ${number}`;
  return { fault: { kind: 'status', status: 500, message } };
}

function isList(source: ScriptSource): source is readonly (Reply | MatchedReply)[] {
  return Array.isArray(source);
}

function isPlain(step: Reply | MatchedReply): step is Reply {
  return !('when' in step);
}
