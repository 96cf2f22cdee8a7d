import { assertNever } from '../base/assert.ts';
import type { InboundMessage, Namespace } from '../message/envelope.ts';
import { mentionRemover } from './mention.ts';
import { prefixSegments, type RoutingRule } from './rule.ts';

/** What a rule says of a message. */
export type Match =
  | { readonly kind: 'no' }
  /** `message` is what the agent sees: without the mention that named it. */
  | { readonly kind: 'yes'; readonly agent: string; readonly message: InboundMessage };

/** Tells what a rule says of a message of this channel. */
export type Matcher = (message: InboundMessage, channel: string) => Match;

const NO: Match = { kind: 'no' };

/**
 * Prepares a rule for matching: prefixes are parsed and patterns compiled once.
 *
 * @throws {TypeError} when a prefix has a malformed percent escape.
 */
export function compileRule(rule: RoutingRule): Matcher {
  const matcher = compileCriterion(rule);
  const { channel } = rule;
  if (channel === undefined) return matcher;
  return (message, from) => (from === channel ? matcher(message, from) : NO);
}

function compileCriterion(rule: RoutingRule): Matcher {
  switch (rule.kind) {
    case 'static':
      return (message) => ({ kind: 'yes', agent: rule.agent, message });
    case 'namespacePrefix': {
      const prefix = prefixSegments(rule.prefix);
      return (message) =>
        startsWith(message.namespace, prefix) ? { kind: 'yes', agent: rule.agent, message } : NO;
    }
    case 'metadataKey':
      return (message) => {
        const value = ownValue(message.metadata, rule.key);
        const agent = rule.agents === undefined ? value : ownValue(rule.agents, value);
        return agent === undefined ? NO : { kind: 'yes', agent, message };
      };
    case 'mention': {
      const removeMention = mentionRemover(rule.name ?? rule.agent);
      return (message) => {
        const text = removeMention(message.text);
        return text === undefined
          ? NO
          : { kind: 'yes', agent: rule.agent, message: { ...message, text } };
      };
    }
    case 'predicate':
      return (message, channel) =>
        rule.matches(message, channel) ? { kind: 'yes', agent: rule.agent, message } : NO;
    default:
      return assertNever(rule);
  }
}

/** Compares segment by segment, so that `disc` is no prefix of `discord`. */
function startsWith(namespace: Namespace, prefix: Namespace): boolean {
  return (
    prefix.length <= namespace.length &&
    prefix.every((segment, index) => segment === namespace[index])
  );
}

/** Reads a field that the record has itself: `constructor` in a message must not find what every object inherits. */
function ownValue(
  record: Readonly<Record<string, string>> | undefined,
  key: string | undefined,
): string | undefined {
  if (record === undefined || key === undefined || !Object.hasOwn(record, key)) return undefined;
  return record[key];
}
