import { describe, expect, it } from 'vitest';
import { messageId } from '../../../packages/core/src/base/id.ts';
import type { InboundMessage } from '../../../packages/core/src/message/envelope.ts';
import { Router } from '../../../packages/core/src/routing/router.ts';
import type { RoutingRule } from '../../../packages/core/src/routing/rule.ts';

const AGENTS = ['atlas', 'codebot', 'helper'];

describe('a routing table', () => {
  const everyKind: readonly RoutingRule[] = [
    { kind: 'static', agent: 'atlas', channel: 'support' },
    { kind: 'namespacePrefix', prefix: 'discord:g1', agent: 'codebot' },
    { kind: 'metadataKey', key: 'agent' },
    { kind: 'mention', agent: 'helper' },
    {
      kind: 'predicate',
      name: 'shouts',
      matches: ({ text }) => text.endsWith('!'),
      agent: 'atlas',
    },
  ];

  it.each<[string, string, InboundMessage, string?]>([
    ['static on support', 'atlas', aMessage({ namespace: ['discord', 'g1'] }), 'support'],
    ['namespacePrefix discord:g1', 'codebot', aMessage({ namespace: ['discord', 'g1', 'c9'] })],
    ['metadataKey agent', 'helper', aMessage({ metadata: { agent: 'helper' } })],
    ['mention @helper', 'helper', aMessage({ text: 'hello @helper!' })],
    ['predicate shouts', 'atlas', aMessage({ text: 'hello!' })],
  ])('lets the first rule that takes a message decide: %s', (matchedBy, agent, message, from) => {
    const router = new Router(AGENTS, { rules: everyKind, fallback: 'codebot' });

    const decision = router.route(message, from ?? 'web');

    expect(decision).toMatchObject({ kind: 'routed', agent, matchedBy });
  });

  it('gives what no rule takes to the fallback, and says so', () => {
    const router = new Router(AGENTS, { rules: everyKind, fallback: 'codebot' });

    const decision = router.route(aMessage({ text: 'hello' }), 'web');

    expect(decision).toMatchObject({ kind: 'routed', agent: 'codebot', matchedBy: 'fallback' });
  });

  it('decides that a message is unroutable when no rule takes it and there is no fallback', () => {
    const router = new Router(AGENTS, { rules: everyKind });

    const decision = router.route(aMessage({ text: 'hello' }), 'web');

    expect(decision).toEqual({ kind: 'unroutable', matchedBy: 'none', reason: 'noRule' });
  });

  it.each([
    ['discord', true],
    ['discord:g1', true],
    ['discord:g1:c9:u7', true],
    ['disc', false],
    ['discord:g', false],
    ['discord:g1:c9:u7:more', false],
  ])('compares prefixes segment by segment: %s', (prefix, isTaken) => {
    const rules = [{ kind: 'namespacePrefix', prefix, agent: 'atlas' }] as const;
    const message = aMessage({ namespace: ['discord', 'g1', 'c9', 'u7'] });

    const decision = new Router(AGENTS, { rules }).route(message, 'web');

    expect(decision.kind).toBe(isTaken ? 'routed' : 'unroutable');
  });

  it('tells a segment with a colon from two segments', () => {
    const rules = [{ kind: 'namespacePrefix', prefix: 'a%3Ab', agent: 'atlas' }] as const;
    const router = new Router(AGENTS, { rules });

    expect(router.route(aMessage({ namespace: ['a:b', 'c'] }), 'web').kind).toBe('routed');
    expect(router.route(aMessage({ namespace: ['a', 'b', 'c'] }), 'web').kind).toBe('unroutable');
  });

  it('finds an agent whatever the case and the composition of its name', () => {
    const rules = [{ kind: 'metadataKey', key: 'agent' }] as const;
    const router = new Router(['codebot', 'Café'], { rules });

    const decisions = ['CodeBot', 'CAFE\u0301'].map((agent) =>
      router.route(aMessage({ metadata: { agent } }), 'web'),
    );

    expect(decisions).toMatchObject([{ agent: 'codebot' }, { agent: 'Café' }]);
  });

  it('never gives a message that asks for an unknown agent to another one', () => {
    const rules = [{ kind: 'metadataKey', key: 'agent' }] as const;
    const router = new Router(AGENTS, { rules, fallback: 'atlas' });

    const decision = router.route(aMessage({ metadata: { agent: 'codebto' } }), 'web');

    const matchedBy = 'metadataKey agent';
    expect(decision).toEqual({ kind: 'unroutable', matchedBy, reason: 'unknownAgent' });
  });

  it('leaves a message to the next rule when its metadata has no key or no listed value', () => {
    const agents = { de: 'atlas' };
    const rules = [{ kind: 'metadataKey', key: 'locale', agents }] as const;
    const router = new Router(AGENTS, { rules, fallback: 'helper' });

    const matchedBy = [{ locale: 'de' }, { locale: 'fr' }, { locale: 'constructor' }, {}].map(
      (metadata) => router.route(aMessage({ metadata }), 'web').matchedBy,
    );

    expect(matchedBy).toEqual(['metadataKey locale', 'fallback', 'fallback', 'fallback']);
  });

  it.each<[string, RoutingRule]>([
    ['static', { kind: 'static', agent: 'nobody' }],
    ['mention @nobody', { kind: 'mention', agent: 'nobody' }],
    ['metadataKey locale', { kind: 'metadataKey', key: 'locale', agents: { de: 'nobody' } }],
  ])('refuses a rule that names an agent nobody has: %s', (label, rule) => {
    const rules: RoutingRule[] = [{ kind: 'static', agent: 'atlas', channel: 'web' }, rule];

    const build = () => new Router(AGENTS, { rules });

    expect(build).toThrow(TypeError);
    expect(build).toThrow(
      `Rule 2 (${label}) names the agent "nobody", which does not exist (known: atlas, codebot, helper)`,
    );
  });

  it('refuses a fallback that nobody is, two agents of one name, and a nameless one', () => {
    expect(() => new Router(AGENTS, { rules: [], fallback: 'x' })).toThrow('The fallback names');
    expect(() => new Router(['Atlas', 'ATLAS'], { rules: [] })).toThrow('Two agents have one name');
    expect(() => new Router([' '], { rules: [] })).toThrow('An agent needs a name');
  });

  it('gives every rule a label of its own, and lists the fallback last', () => {
    const rule = { kind: 'mention', agent: 'atlas' } as const;
    const onWeb = { kind: 'metadataKey', key: 'agent', channel: 'web' } as const;

    const { routes } = new Router(AGENTS, { rules: [rule, rule, onWeb], fallback: 'helper' });

    expect(routes).toEqual([
      { rule: 'mention @atlas', agent: 'atlas' },
      { rule: 'mention @atlas #2', agent: 'atlas' },
      { rule: 'metadataKey agent on web', agent: '*', channel: 'web' },
      { rule: 'fallback', agent: 'helper' },
    ]);
  });

  it('hands the agent the text without the mention, and the rest of the message as it came', () => {
    const rules = [{ kind: 'mention', agent: 'atlas' }] as const;
    const message = aMessage({ text: '@Atlas, how deep is it?', metadata: { locale: 'de' } });

    const decision = new Router(AGENTS, { rules }).route(message, 'web');

    expect(decision).toMatchObject({ message: { ...message, text: 'how deep is it?' } });
  });
});

function aMessage(parts: Partial<InboundMessage>): InboundMessage {
  return { id: messageId('m1'), namespace: ['web', 's1'], text: 'hello', ...parts };
}
