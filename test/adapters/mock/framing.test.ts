import type { Client } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import type { Framing } from '../../../packages/adapters/src/mock/physics.ts';
import { aContext, doneOf, type Read, read, REQUEST, textIn } from '../../support/decoding.ts';
import { PROVIDER_FAMILIES, type ProviderFamily } from '../../support/provider-families.ts';
import { answeringAs } from '../../support/scripted-answer.ts';

const FRAMINGS: readonly Framing[] = [
  { cut: 1 },
  { cut: 7, lineEnd: '\r\n' },
  { cut: 'random', comment: 'OPENROUTER PROCESSING' },
  { pingEvery: 1 },
  { pingEvery: 2, hasFinalBlankLine: false },
  { hasDone: false },
  { usage: 'finish' },
  { usage: 'every' },
  { usage: 'x_groq' },
];

const usage = { input: { total: 21 }, output: { total: 8 } };

describe.each(PROVIDER_FAMILIES)('an answer of $dialect', (family) => {
  it.each(FRAMINGS)('is the same framed as %j', async (framing) => {
    const plain = await answered(family, {});

    const framed = await answered(family, framing);

    expect(textIn(framed.chunks)).toBe('one two');
    expect(doneOf(framed).message).toEqual(doneOf(plain).message);
    expect(doneOf(framed).finish).toEqual(doneOf(plain).finish);
    expect(doneOf(framed).usage).toMatchObject(usage);
  });
});

it('pings travel', async () => {
  for (const { dialect, make } of PROVIDER_FAMILIES.filter((one) => one.dialect !== 'ollama')) {
    const fetch = answeringAs(dialect, { text: 'one', framing: { pingEvery: 1 } });
    const body = await (await fetch(make({ fetch }).name)).text();

    expect(body, dialect).toContain('ping');
  }
});

async function answered({ dialect, make }: ProviderFamily, framing: Framing): Promise<Read> {
  const fetch = answeringAs(dialect, { text: ['one ', 'two'], usage, framing });
  const made = make({ fetch }).createClient({ signal: new AbortController().signal });
  const client: Client = await made;
  return read(client.stream(REQUEST, aContext()));
}
