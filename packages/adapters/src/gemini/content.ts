import type {
  AssistantMessage,
  ContentPart,
  Message,
  ProviderExtra,
  ToolCallPart,
  ToolMessage,
  ToolResultPart,
} from '@sluice/core';
import { type Fields, isRecord, textAt } from '../transport/json.ts';
import { isLevelled } from './thinking.ts';
import type { GeminiContent, GeminiFunctionCall, GeminiPart } from './wire.ts';

/** Whose extras are sent back, and to which model. */
export interface ContentOptions {
  readonly provider: string;
  readonly model: string;
}

/**
 * Writes a conversation as turns of user and model. System messages are left out: they travel elsewhere.
 *
 * @throws {TypeError} when a user's message holds parts that only a model or a tool can write.
 */
export function encodeMessages(
  messages: readonly Message[],
  options: ContentOptions,
): readonly GeminiContent[] {
  const turns: GeminiContent[] = [];
  let calls: readonly ToolCallPart[] = [];
  for (let at = 0; at < messages.length; at += 1) {
    const message = messages[at];
    if (message?.role === 'user') push(turns, 'user', encodeUser(message.content));
    if (message?.role === 'assistant') {
      calls = message.content.filter((part) => part.type === 'tool-call');
      push(turns, 'model', encodeAssistant(message, options));
    }
    if (message?.role === 'tool') {
      // All results of one turn travel in one turn, in the order of their calls: mostly nothing else tells them apart.
      const run = runOfTools(messages, at);
      at += run.length - 1;
      push(turns, 'user', encodeResults(run, { calls, provider: options.provider }));
    }
  }
  return turns;
}

/** A turn without parts is refused by the wire. */
function push(
  turns: GeminiContent[],
  role: GeminiContent['role'],
  parts: readonly GeminiPart[],
): void {
  if (parts.length > 0) turns.push({ role, parts });
}

function encodeUser(content: string | readonly ContentPart[]): readonly GeminiPart[] {
  return typeof content === 'string' ? [{ text: content }] : content.map(encodeUserPart);
}

function encodeUserPart(part: ContentPart): GeminiPart {
  switch (part.type) {
    case 'text':
      return { text: part.text };
    case 'image':
      return encodeImage(part.source);
    default:
      throw new TypeError(`A user's message cannot hold a part of type "${part.type}"`);
  }
}

function encodeImage(source: Extract<ContentPart, { type: 'image' }>['source']): GeminiPart {
  if (source.kind === 'base64') {
    return { inlineData: { mimeType: source.mediaType, data: source.data } };
  }
  const [, mimeType, data] =
    /^data:([a-z]{1,20}\/[\w.+-]{1,60});base64,(.*)$/s.exec(source.url) ?? [];
  if (mimeType !== undefined && data !== undefined) return { inlineData: { mimeType, data } };
  return { fileData: { mimeType: typeByName(source.url), fileUri: source.url } };
}

const IMAGE_TYPES: ReadonlyMap<string, string> = new Map([
  ['png', 'image/png'],
  ['jpg', 'image/jpeg'],
  ['jpeg', 'image/jpeg'],
  ['webp', 'image/webp'],
  ['gif', 'image/gif'],
  ['heic', 'image/heic'],
  ['heif', 'image/heif'],
]);

/** Some endpoints want the type of a file beside its URL. */
function typeByName(url: string): string | undefined {
  const ending = /\.(\w{3,4})(?:$|[?#])/.exec(url)?.[1];
  return ending === undefined ? undefined : IMAGE_TYPES.get(ending.toLowerCase());
}

function encodeAssistant({ content }: AssistantMessage, options: ContentOptions): GeminiPart[] {
  const parts = content.flatMap((part) => encodeModelPart(part, ownExtra(part, options.provider)));
  const first = parts.findIndex(({ functionCall }) => functionCall !== undefined);
  const call = parts[first];
  if (call !== undefined && call.thoughtSignature === undefined && isLevelled(options.model)) {
    parts[first] = { ...call, thoughtSignature: FOREIGN_SIGNATURE };
  }
  return parts;
}

/** Writes what a model said; what only others can read is left out. */
function encodeModelPart(part: ContentPart, own: Fields): readonly GeminiPart[] {
  const thoughtSignature = textAt(own, 'thoughtSignature');
  switch (part.type) {
    case 'text':
      if (part.text === '' && thoughtSignature === undefined) return [];
      return [{ text: part.text, thoughtSignature }];
    case 'thinking':
      // That of others would be taken for the model's own.
      if (own['thought'] !== true) return [];
      return [{ text: part.text, thought: true, thoughtSignature }];
    case 'image':
      return [{ ...encodeImage(part.source), thoughtSignature }];
    case 'tool-call':
      return [{ functionCall: encodeCall(part, own), thoughtSignature }];
    case 'provider':
      return Object.keys(own).length === 0 ? [] : [own];
    case 'tool-result':
      return [];
  }
}

/**
 * What Google has in place of a signature for calls that another model made: without one, Gemini 3 refuses the first
 * call of a turn. See https://ai.google.dev/gemini-api/docs/thought-signatures
 */
const FOREIGN_SIGNATURE = 'skip_thought_signature_validator';

function encodeCall({ call }: ToolCallPart, own: Fields): GeminiFunctionCall {
  const { name, input } = call;
  // Arguments that did not parse go back as the model wrote them, in the only form that the wire has for them.
  const args = isRecord(input) ? input : { input };
  return { id: textAt(own, 'id'), name, args };
}

function runOfTools(messages: readonly Message[], from: number): readonly ToolMessage[] {
  const run: ToolMessage[] = [];
  for (let at = from; messages[at]?.role === 'tool'; at += 1) run.push(messages[at] as ToolMessage); // its role was just read
  return run;
}

function encodeResults(
  run: readonly ToolMessage[],
  { calls, provider }: { readonly calls: readonly ToolCallPart[]; readonly provider: string },
): readonly GeminiPart[] {
  const results = run.flatMap(({ content }) => content);
  const placeOf = ({ callId }: ToolResultPart): number => {
    const place = calls.findIndex(({ call }) => call.id === callId);
    return place === -1 ? calls.length : place;
  };
  return results
    .toSorted((a, b) => placeOf(a) - placeOf(b))
    .map((result) => {
      const { name, content, isError } = result;
      const asked = calls[placeOf(result)];
      const id = asked === undefined ? undefined : textAt(ownExtra(asked, provider), 'id');
      const response = isError === true ? { error: content } : { output: content };
      return { functionResponse: { id, name, response } };
    });
}

const NOTHING: Fields = {};

function ownExtra(
  part: { readonly extra?: ProviderExtra | undefined } | ContentPart,
  provider: string,
): Fields {
  const extra = 'extra' in part ? part.extra?.[provider] : undefined;
  return isRecord(extra) ? extra : NOTHING;
}
