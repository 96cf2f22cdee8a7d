import type {
  Completion,
  CompletionChunk,
  CompletionRequest,
  DoneChunk,
  PartialCompletion,
  Usage,
} from './completion.ts';
import type { ContentPart } from './content.ts';
import { textOf } from './message.ts';
import type { Tokenizer } from './tokenizer.ts';
import { estimateUsage } from './usage.ts';

/** How a collector counts. */
export interface CollectorOptions {
  /** Counts what a provider does not tell. Default: one token for each 4 UTF-16 units. */
  readonly tokenizer?: Tokenizer | undefined;
}

type StartChunk = Extract<CompletionChunk, { readonly type: 'start' }>;

/** A part that may still grow. Its pieces are joined when it is read, so that a long answer costs linear time. */
type GrowingPart =
  | { readonly kind: 'text' | 'thinking'; readonly pieces: string[] }
  | {
      readonly kind: 'tool-call';
      readonly id: string;
      readonly name: string;
      readonly pieces: string[];
    }
  | { readonly kind: 'whole'; readonly part: ContentPart };

/**
 * Adds the chunks of one answer up, as they arrive. Synchronous; it neither times out nor fails: an answer without a
 * `done` chunk has no `completion`, and what it has is `partial`.
 */
export class CompletionCollector {
  readonly #request: CompletionRequest;
  readonly #tokenizer: Tokenizer | undefined;
  /** In the order of arrival, by what grows at which index. */
  readonly #parts = new Map<string, GrowingPart>();
  #start: StartChunk | undefined;
  #usage: Usage | undefined;
  #done: DoneChunk | undefined;
  #partial: PartialCompletion | undefined;

  constructor(request: CompletionRequest, options: CollectorOptions = {}) {
    this.#request = request;
    this.#tokenizer = options.tokenizer;
  }

  /** Adds one chunk. After `done` there is nothing to add: what comes then is ignored. */
  add(chunk: CompletionChunk): void {
    if (this.#done !== undefined) return;
    this.#partial = undefined;
    switch (chunk.type) {
      case 'start':
        this.#start = chunk;
        break;
      case 'usage':
        this.#usage = chunk.usage;
        break;
      case 'done':
        this.#done = chunk;
        break;
      default:
        this.#grow(chunk);
    }
  }

  /** Whether anything of an answer has arrived: text, thinking, a tool call, another part, or the end. */
  get hasContent(): boolean {
    return this.#parts.size > 0 || this.#done !== undefined;
  }

  /** The whole answer, once `done` has arrived. */
  get completion(): Completion | undefined {
    const done = this.#done;
    if (done === undefined) return undefined;
    const { message, finish, usage, attempts } = done;
    const { type: _, ...origin } = this.#start ?? { type: 'start' };
    return { ...origin, message, text: textOf(message), finish, usage, attempts };
  }

  /**
   * What has arrived so far. A tool call whose input is not complete has the text of it as `input`, and an `inputError`.
   * Read it once at the end rather than for every chunk: it joins all pieces again.
   */
  get partial(): PartialCompletion {
    this.#partial ??= this.#makePartial();
    return this.#partial;
  }

  /** The tokens used so far: what the provider told, or an estimate, marked as such, where it did not. */
  get usage(): Usage {
    return this.partial.usage;
  }

  #grow(chunk: Exclude<CompletionChunk, { readonly type: 'start' | 'usage' | 'done' }>): void {
    switch (chunk.type) {
      case 'text':
      case 'thinking':
        this.#piecesAt(chunk.type, chunk.index).push(chunk.delta);
        break;
      case 'tool-start': {
        const { id, name } = chunk;
        this.#parts.set(`tool ${chunk.index}`, { kind: 'tool-call', id, name, pieces: [] });
        break;
      }
      case 'tool-delta': {
        const growing = this.#parts.get(`tool ${chunk.index}`);
        if (growing?.kind === 'tool-call') growing.pieces.push(chunk.delta);
        break;
      }
      case 'tool': {
        const part = { type: 'tool-call', call: chunk.call } as const;
        this.#parts.set(`tool ${chunk.index}`, { kind: 'whole', part });
        break;
      }
      case 'part':
        this.#parts.set(`part ${this.#parts.size}`, { kind: 'whole', part: chunk.part });
        break;
    }
  }

  #piecesAt(kind: 'text' | 'thinking', index: number): string[] {
    const key = `${kind} ${index}`;
    const growing = this.#parts.get(key);
    if (growing !== undefined && growing.kind === kind) return growing.pieces;
    const pieces: string[] = [];
    this.#parts.set(key, { kind, pieces });
    return pieces;
  }

  #makePartial(): PartialCompletion {
    const done = this.#done;
    if (done !== undefined) {
      return { message: done.message, text: textOf(done.message), usage: done.usage };
    }
    const content = Array.from(this.#parts.values(), partOf);
    const message = { role: 'assistant', content } as const;
    const estimate = estimateUsage(
      this.#request,
      content.length > 0 ? message : '',
      this.#tokenizer,
    );
    return { message, text: textOf(message), usage: atLeast(this.#usage, estimate) };
  }
}

/** Adds the chunks of one answer up. `undefined` when `done` is missing: the answer was cut short. */
export function collect(
  request: CompletionRequest,
  chunks: Iterable<CompletionChunk>,
): Completion | undefined {
  const collector = new CompletionCollector(request);
  for (const chunk of chunks) collector.add(chunk);
  return collector.completion;
}

function partOf(growing: GrowingPart): ContentPart {
  switch (growing.kind) {
    case 'whole':
      return growing.part;
    case 'tool-call': {
      const { id, name, pieces } = growing;
      const inputError = 'The answer ended before the input was complete';
      return { type: 'tool-call', call: { id, name, input: pieces.join(''), inputError } };
    }
    default:
      return { type: growing.kind, text: growing.pieces.join('') };
  }
}

/** An interim count of the answer's tokens is behind what has arrived; that of the request's is final. */
function atLeast(told: Usage | undefined, estimate: Usage): Usage {
  if (told === undefined) return estimate;
  const total = Math.max(told.output.total, estimate.output.total);
  return { ...told, output: { ...told.output, total }, estimated: true };
}
