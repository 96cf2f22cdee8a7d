import type { FinishReason, Json, Usage } from '@sluice/core';
import type { Fault } from './fault.ts';
import type { Framing, Physics } from './physics.ts';

/** What a model was asked, in one shape for every dialect. No header, and so no key, is kept. */
export interface Question {
  /** Counts the requests of the script from 1. */
  readonly number: number;
  readonly model: string;
  /** The text of the last message of the user; empty when there is none. */
  readonly text: string;
  /** All messages: who spoke, and the text. */
  readonly messages: readonly { readonly role: string; readonly text: string }[];
  /** The names of the tools on offer. */
  readonly tools: readonly string[];
}

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
  /** Default: an answer without a fault. */
  readonly fault?: Fault | undefined;
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
  /** How many characters of the arguments each piece has. @defaultValue `16` */
  readonly pieceLength?: number | undefined;
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
  reply(asked: Omit<Question, 'number'>): { readonly question: Question; readonly reply: Reply } {
    this.#asked += 1;
    const question = { ...asked, number: this.#asked };
    const { physics, framing } = this.#options;
    return { question, reply: { physics, framing, ...this.#pick(question) } };
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
