import { assertNever } from '../base/assert.ts';
import {
  formatNamespace,
  type InboundMessage,
  type Namespace,
  parseNamespace,
} from '../message/envelope.ts';

/** One row of a routing table: which messages it takes, and which agent gets them. */
export type RoutingRule =
  | StaticRule
  | NamespacePrefixRule
  | MetadataKeyRule
  | MentionRule
  | PredicateRule;

/** What every rule may say. */
export interface RuleScope {
  /** The id of the only channel whose messages it looks at. Default: those of every channel. */
  readonly channel?: string | undefined;
}

/** Takes every message. */
export interface StaticRule extends RuleScope {
  readonly kind: 'static';
  readonly agent: string;
}

/**
 * Takes messages whose namespace begins with these segments: `discord` and `discord:g1` take `discord:g1:c9`, `disc`
 * does not. Written as segments, or as one string with percent-encoded segments joined by `:`.
 */
export interface NamespacePrefixRule extends RuleScope {
  readonly kind: 'namespacePrefix';
  readonly prefix: string | Namespace;
  readonly agent: string;
}

/**
 * Takes messages that have this key in their metadata. With `agents`, its value is looked up there, and a value that is
 * not listed leaves the message to the next rule. Without, the value is the agent's name itself, and a name that no
 * agent has makes the message unroutable: asking for one agent and being answered by another would go unnoticed.
 */
export interface MetadataKeyRule extends RuleScope {
  readonly kind: 'metadataKey';
  readonly key: string;
  /** Agents by the value of the key, which is compared exactly. */
  readonly agents?: Readonly<Record<string, string>> | undefined;
}

/**
 * Takes messages that mention the agent as `@name`, a word of its own in any script: `@atlas hi` mentions `atlas`;
 * `me@atlas.com` and `@atlasbot` do not. The mention is taken out of the text that the agent sees.
 */
export interface MentionRule extends RuleScope {
  readonly kind: 'mention';
  readonly agent: string;
  /** The name to mention, without the `@`. Default: the agent's. */
  readonly name?: string | undefined;
}

/** Takes messages that a function of the host says it takes. */
export interface PredicateRule extends RuleScope {
  readonly kind: 'predicate';
  /** What decisions and dashboards call it. */
  readonly name: string;
  /** Pure and quick: it is called for each message that comes this far. What it throws fails that message. */
  readonly matches: (message: InboundMessage, channel: string) => boolean;
  readonly agent: string;
}

/** Says in few words what a rule looks for, such as `mention @atlas`. */
export function describeRule(rule: RoutingRule): string {
  return rule.channel === undefined ? criterionOf(rule) : `${criterionOf(rule)} on ${rule.channel}`;
}

function criterionOf(rule: RoutingRule): string {
  switch (rule.kind) {
    case 'static':
      return 'static';
    case 'namespacePrefix':
      return `namespacePrefix ${formatNamespace(prefixSegments(rule.prefix))}`;
    case 'metadataKey':
      return `metadataKey ${rule.key}`;
    case 'mention':
      return `mention @${rule.name ?? rule.agent}`;
    case 'predicate':
      return `predicate ${rule.name}`;
    default:
      return assertNever(rule);
  }
}

/**
 * Reads the segments of a prefix, however it was written.
 *
 * @throws {TypeError} when a percent escape is malformed.
 */
export function prefixSegments(prefix: string | Namespace): Namespace {
  return typeof prefix === 'string' ? parseNamespace(prefix) : prefix;
}
