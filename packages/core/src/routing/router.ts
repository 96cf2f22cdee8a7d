import type { InboundMessage } from '../message/envelope.ts';
import { foldName } from './agent-name.ts';
import { compileRule, type Matcher } from './match.ts';
import { describeRule, type RoutingRule } from './rule.ts';

/** Rules in order, and who answers what none of them takes. */
export interface RoutingTable {
  /** The first rule that takes a message decides. */
  readonly rules: readonly RoutingRule[];
  /** The agent for messages that no rule takes. Default: none, they are unroutable. */
  readonly fallback?: string | undefined;
}

/** Where a message goes, and why. */
export type RoutingDecision =
  | {
      readonly kind: 'routed';
      /** The agent, as it was registered. */
      readonly agent: string;
      /** The label of the rule that took the message, such as `mention @atlas`, or `fallback`. */
      readonly matchedBy: string;
      /** What the agent sees: without the mention that named it. */
      readonly message: InboundMessage;
    }
  | {
      readonly kind: 'unroutable';
      /** The label of the rule that asked for an agent nobody has, or `none`. */
      readonly matchedBy: string;
      readonly reason: 'noRule' | 'unknownAgent';
    };

/** One rule as a table shows it. */
export interface RouteDescription {
  /** Unique in its table: what `matchedBy` says. */
  readonly rule: string;
  /** The agent, or `*` when the message names it. */
  readonly agent: string;
  readonly channel?: string | undefined;
}

interface CompiledRule {
  readonly label: string;
  readonly match: Matcher;
}

/** An ordered table of rules that names the agent for each message and says why. Pure: the same message, the same answer. */
export class Router {
  /** The table, in order, the fallback last. */
  readonly routes: readonly RouteDescription[];

  /** Agents as they were registered, by folded name. */
  readonly #agents: ReadonlyMap<string, string>;
  readonly #rules: readonly CompiledRule[];
  readonly #fallback: string | undefined;

  /**
   * Agents' names differ neither by case nor by how accents are composed: `CodeBot` is `codebot`.
   *
   * @throws {TypeError} when two agents have one name, when a rule or the fallback names an agent that is not among
   * them (the message says which), or when a prefix has a malformed percent escape.
   */
  constructor(agents: readonly string[], table: RoutingTable) {
    this.#agents = indexAgents(agents);
    const labels = uniqueLabels(table.rules);
    this.#rules = table.rules.map((rule, index) => {
      const label = labels[index] as string; // one label for each rule
      for (const agent of agentsNamedBy(rule)) {
        this.#requireAgent(agent, `Rule ${index + 1} (${label})`);
      }
      return { label, match: compileRule(rule) };
    });
    this.#fallback =
      table.fallback === undefined ? undefined : this.#requireAgent(table.fallback, 'The fallback');
    this.routes = describeTable(table.rules, labels, this.#fallback);
  }

  /** Decides where a message of this channel goes. Whatever a rule's predicate throws is passed on. */
  route(message: InboundMessage, channel: string): RoutingDecision {
    for (const { label, match } of this.#rules) {
      const result = match(message, channel);
      if (result.kind === 'no') continue;
      const agent = this.#agents.get(foldName(result.agent));
      if (agent !== undefined) {
        return { kind: 'routed', agent, matchedBy: label, message: result.message };
      }
      return { kind: 'unroutable', matchedBy: label, reason: 'unknownAgent' };
    }
    if (this.#fallback === undefined) {
      return { kind: 'unroutable', matchedBy: 'none', reason: 'noRule' };
    }
    return { kind: 'routed', agent: this.#fallback, matchedBy: 'fallback', message };
  }

  #requireAgent(name: string, who: string): string {
    const agent = this.#agents.get(foldName(name));
    if (agent !== undefined) return agent;
    const known = [...this.#agents.values()].join(', ') || 'none';
    throw new TypeError(`${who} names the agent "${name}", which does not exist (known: ${known})`);
  }
}

function indexAgents(names: readonly string[]): ReadonlyMap<string, string> {
  const agents = new Map<string, string>();
  for (const name of names) {
    const folded = foldName(name);
    if (folded.trim() === '') throw new TypeError('An agent needs a name that is not empty');
    const other = agents.get(folded);
    if (other !== undefined) throw new TypeError(`Two agents have one name: "${other}", "${name}"`);
    agents.set(folded, name);
  }
  return agents;
}

/** Which agents a rule can name without a message: what can be checked before the first one comes. */
function agentsNamedBy(rule: RoutingRule): readonly string[] {
  if (rule.kind !== 'metadataKey') return [rule.agent];
  return Object.values(rule.agents ?? {});
}

/** Two rules may look for the same; their counts must still be told apart. */
function uniqueLabels(rules: readonly RoutingRule[]): readonly string[] {
  const seen = new Map<string, number>();
  return rules.map((rule) => {
    const label = describeRule(rule);
    const times = (seen.get(label) ?? 0) + 1;
    seen.set(label, times);
    return times === 1 ? label : `${label} #${times}`;
  });
}

function describeTable(
  rules: readonly RoutingRule[],
  labels: readonly string[],
  fallback: string | undefined,
): readonly RouteDescription[] {
  const routes = rules.map((rule, index): RouteDescription => ({
    rule: labels[index] as string, // one label for each rule
    agent: rule.kind === 'metadataKey' ? '*' : rule.agent,
    ...(rule.channel === undefined ? {} : { channel: rule.channel }),
  }));
  return fallback === undefined ? routes : [...routes, { rule: 'fallback', agent: fallback }];
}
