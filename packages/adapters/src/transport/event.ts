import { bounded } from './bound.ts';
import type { Fail } from './failure.ts';
import { isRecord, parseJson, textAt } from './json.ts';

/** An event's fields. Nothing is known of their types. */
export type Fields = Readonly<Record<string, unknown>>;

/** What an event is read with. */
export interface EventContext {
  readonly provider: string;
  readonly fail: Fail;
}

/** Parses the data of an event. @throws {ProviderError} `malformed`, when it is no JSON object. */
export function parseEvent(data: string, { provider, fail }: EventContext): Fields {
  let event: unknown;
  try {
    event = parseJson(data);
  } catch (thrown) {
    throw fail('malformed', `${provider} sent an event that is no JSON`, {
      // The parser's message quotes what it read, and that is the model's content.
      thrown: thrown instanceof SyntaxError ? undefined : thrown,
    });
  }
  if (isRecord(event)) return event;
  throw fail('malformed', `${provider} sent an event that is no object`);
}

/** How long a model's name, an id or a finish reason may be. */
const MAX_NAME_LENGTH = 200;

/** Reads a name that the server gives: secrets taken out of it, and cut. */
export function nameAt(
  fields: Fields,
  key: string,
  redact: ((text: string) => string) | undefined,
): string | undefined {
  const name = textAt(fields, key);
  return name === undefined ? undefined : bounded(redact?.(name) ?? name, MAX_NAME_LENGTH);
}
