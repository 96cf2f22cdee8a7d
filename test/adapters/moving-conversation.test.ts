import { type CompletionRequest, type ContentPart, type Message, userMessage } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { aContext, doneOf, read } from '../support/decoding.ts';
import { PROVIDER_FAMILIES, type ProviderFamily } from '../support/provider-families.ts';
import { answeringAs } from '../support/scripted-answer.ts';

const THOUGHT = 'Let me look.';
const FIRST_TURN = {
  thinking: THOUGHT,
  text: 'I shall look it up.',
  toolCalls: [{ id: 'call_1', name: 'look', input: { at: 'home' } }],
};

const MOVES = PROVIDER_FAMILIES.flatMap((from) =>
  PROVIDER_FAMILIES.map((to) => ({ name: `from ${from.dialect} to ${to.dialect}`, from, to })),
);

describe('a conversation that moves', () => {
  it.each(MOVES)(
    '$name keeps what was said and done, and no thinking or marks but its own',
    async ({ from, to }) => {
      const answer = await answerOf(from);
      const messages: readonly Message[] = [
        userMessage('Where is it?'),
        { role: 'assistant', content: answer },
        { role: 'tool', content: [resultFor(answer)] },
      ];

      const body = await bodyOf(to, { messages });

      expect(body).toContain('Where is it?');
      expect(body).toContain(FIRST_TURN.text);
      expect(body.replaceAll('\\"', '"')).toContain('{"at":"home"}');
      expect(body).toContain('in Oslo');
      const marks = marksOf(answer);
      const sent = marks.filter((mark) => body.includes(mark));
      expect(sent).toEqual(from === to ? marks : []);
    },
  );
});

/** What one wire's model said, as its decoder hands it out. */
async function answerOf({ dialect, make }: ProviderFamily): Promise<readonly ContentPart[]> {
  const provider = make({ fetch: answeringAs(dialect, FIRST_TURN) });
  const client = await provider.createClient(aContext());
  const answer = await read(client.stream({ messages: [userMessage('x')] }, aContext()));
  return doneOf(answer).message.content;
}

/** The body in which another is asked to go on. */
async function bodyOf(
  { dialect, make }: ProviderFamily,
  request: CompletionRequest,
): Promise<string> {
  const bodies: string[] = [];
  const answer = answeringAs(dialect, { text: 'x' });
  const fetch: typeof globalThis.fetch = async (input, init) => {
    bodies.push(await new Request(input, init).text());
    return answer(input, init);
  };
  const client = await make({ fetch }).createClient(aContext());
  doneOf(await read(client.stream(request, aContext())));
  return bodies.join();
}

function resultFor(content: readonly ContentPart[]): Extract<ContentPart, { type: 'tool-result' }> {
  const [call] = content.flatMap((part) => (part.type === 'tool-call' ? [part.call] : []));
  return { type: 'tool-result', callId: call?.id ?? '', name: 'look', content: 'in Oslo' };
}

/** The thinking, and every text that the provider gave along with its answer, but for what others know as well. */
function marksOf(content: readonly ContentPart[]): readonly string[] {
  const known: ReadonlySet<string> = new Set(['call_1', 'summary_text']);
  const extras = content.map((part) => ('extra' in part ? part.extra : undefined));
  const texts = [THOUGHT];
  JSON.stringify(extras, (_, value: unknown) => {
    if (typeof value === 'string' && !known.has(value)) texts.push(value);
    return value;
  });
  return texts;
}
