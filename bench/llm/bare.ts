import { rival } from './rivals.ts';
import type { Subject } from './subjects.ts';
import type { FamilyName } from './streams.ts';

// What anybody writes who needs an answer's text and nothing else: no errors, no tools, no usage, no end that is checked.

/** An event of any family. Each looks at its own fields. */
interface AnyEvent {
  readonly choices?: readonly { readonly delta?: { readonly content?: string } }[];
  readonly type?: string;
  readonly delta?: string | { readonly text?: string };
  readonly candidates?: readonly {
    readonly content?: { readonly parts?: readonly { readonly text?: string }[] };
  }[];
  readonly message?: { readonly content?: string };
}

const URL_OF_NOBODY = 'https://nobody.example/stream';

/** The yardstick: fetch, split at line ends, parse, and take the text. */
export async function readBare(
  family: FamilyName,
  fetch: typeof globalThis.fetch,
): Promise<number> {
  const response = await fetch(URL_OF_NOBODY, { method: 'POST', body: '{}' });
  const prefix = family === 'ollama' ? '' : 'data: ';
  const decoder = new TextDecoder();
  const reader = response.body!.getReader();
  let rest = '';
  let length = 0;
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return length;
    const lines = (rest + decoder.decode(value, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) {
      if (line === '' || !line.startsWith(prefix) || line === 'data: [DONE]') continue;
      length += textOf(family, JSON.parse(line.slice(prefix.length)) as AnyEvent).length;
    }
  }
}

/** The same over the two packages that Sluice is built on. */
export async function readWithParser(family: FamilyName): Promise<Subject> {
  const { default: ky } = (await rival('ky')) as {
    default: { post(url: string, options: object): Promise<Response> };
  };
  const { createParser } = (await rival('eventsource-parser')) as {
    createParser: (options: { onEvent: (event: { data: string }) => void }) => {
      feed(text: string): void;
    };
  };
  return async (fetch) => {
    const response = await ky.post(URL_OF_NOBODY, { json: {}, fetch, retry: 0, timeout: false });
    const decoder = new TextDecoder();
    let length = 0;
    const parser = createParser({
      onEvent: ({ data }) => {
        if (data === '[DONE]') return;
        length += textOf(family, JSON.parse(data) as AnyEvent).length;
      },
    });
    for await (const bytes of response.body!) parser.feed(decoder.decode(bytes, { stream: true }));
    return length;
  };
}

function textOf(family: FamilyName, event: AnyEvent): string {
  const { delta } = event;
  switch (family) {
    case 'openai':
      return event.choices?.[0]?.delta?.content ?? '';
    case 'responses':
      return event.type === 'response.output_text.delta' ? (delta as string) : '';
    case 'anthropic':
      return typeof delta === 'object' ? (delta.text ?? '') : '';
    case 'gemini':
      return event.candidates?.[0]?.content?.parts?.[0]?.text ?? '';
    case 'ollama':
      return event.message?.content ?? '';
  }
}
