import { isSluiceError, SluiceError } from '../base/errors.ts';
import type { Json, JsonObject } from '../base/json.ts';
import type { Completion } from './completion.ts';
import {
  isStandardSchema,
  type OutputSchema,
  type StandardIssue,
  type StandardSchema,
} from './schema.ts';

/**
 * Why an answer is not what its schema asks for: it was cut short by the limit of tokens, the model declined to give it,
 * it is no JSON, or it is JSON of another form.
 */
export type OutputErrorKind = 'cut-short' | 'refused' | 'no-json' | 'invalid';

/** An answer that does not fit the schema that was asked for. Another try may give one that does. */
export class OutputError extends SluiceError {
  override readonly name = 'OutputError';
  readonly kind: OutputErrorKind;
  /** The answer as the model wrote it. Not enumerable, so that it is in no log. */
  declare readonly text: string;
  /** What the schema found wrong, when it is `invalid`. Not enumerable either: a message may quote the answer. */
  declare readonly issues: readonly StandardIssue[];

  constructor(kind: OutputErrorKind, text: string, issues: readonly StandardIssue[] = []) {
    super('OUTPUT_INVALID', messageOf(kind, text, issues), { retryable: true });
    this.kind = kind;
    Object.defineProperty(this, 'text', { value: text });
    Object.defineProperty(this, 'issues', { value: issues });
  }

  static override is(error: unknown): error is OutputError {
    return isSluiceError(error, 'OUTPUT_INVALID');
  }
}

/**
 * Reads an answer that was asked for with `output`, and validates it by the same schema. Fences of Markdown around the
 * JSON, which some models cannot do without, are taken off.
 *
 * ```ts
 * const answer = await clients.complete({ messages, output: { schema } });
 * const { city } = await readOutput(answer, schema);
 * ```
 *
 * @throws {OutputError} with the text, when the answer does not fit.
 */
export function readOutput<T>(
  answer: Pick<Completion, 'text' | 'finish'>,
  schema: StandardSchema<T>,
): Promise<T>;
/** Reads an answer as JSON. JSON Schema itself does not validate: give a schema that does, or look at the result. */
export function readOutput(
  answer: Pick<Completion, 'text' | 'finish'>,
  schema: JsonObject,
): Promise<Json>;
export async function readOutput(
  { text, finish }: Pick<Completion, 'text' | 'finish'>,
  schema: OutputSchema,
): Promise<unknown> {
  if (finish.reason === 'content-filter') throw new OutputError('refused', text);
  const value = parsed(text);
  if (value === undefined) {
    throw new OutputError(finish.reason === 'length' ? 'cut-short' : 'no-json', text);
  }
  if (!isStandardSchema(schema)) return value.json;
  const result = await schema['~standard'].validate(value.json);
  if (result.issues !== undefined) throw new OutputError('invalid', text, result.issues);
  return result.value;
}

function parsed(text: string): { readonly json: unknown } | undefined {
  try {
    return { json: JSON.parse(withoutFences(text)) };
  } catch {
    return undefined;
  }
}

/** Takes one pair of fences off, with the name of the language. No pattern, whose cost could grow with the text. */
function withoutFences(text: string): string {
  const trimmed = text.trim();
  if (!trimmed.startsWith('```') || !trimmed.endsWith('```')) return trimmed;
  const start = trimmed.indexOf('\n');
  return start === -1 ? trimmed : trimmed.slice(start, -3);
}

function messageOf(
  kind: OutputErrorKind,
  { length }: string,
  issues: readonly StandardIssue[],
): string {
  switch (kind) {
    case 'cut-short':
      return `The answer was cut short after ${length} characters, before its JSON was whole`;
    case 'refused':
      return 'The model declined to give the answer that the schema asks for';
    case 'no-json':
      return `The answer (${length} characters) is no JSON`;
    case 'invalid':
      // Where they are stays out: the keys of a record are the model's own words.
      return `The answer does not fit the schema (${issues.length} issues)`;
  }
}
