import type { RouteSnapshot } from '../events/snapshot.ts';
import type { InboundMessage } from '../message/envelope.ts';
import { Router, type RoutingDecision } from '../routing/router.ts';
import { Runtime, type RuntimeOptions } from '../runtime/runtime.ts';
import type { ResolvedAgentTable } from './options.ts';

/** One table of agents at work: replaced whole, so that a message that began with it ends with it. */
export class Agents {
  readonly #router: Router;
  readonly #runtimes: ReadonlyMap<string, Runtime>;
  /** How many messages each rule took. */
  readonly #matched = new Map<string, number>();

  /** @throws {TypeError} when an agent is not valid, or a rule names one that does not exist. */
  constructor({ agents, routes }: ResolvedAgentTable, options: RuntimeOptions) {
    this.#router = new Router(
      agents.map(({ name }) => name),
      routes,
    );
    this.#runtimes = new Map(agents.map((agent) => [agent.name, new Runtime(agent, options)]));
  }

  /** Decides who answers a message, and counts it for the rule that took it. */
  route(message: InboundMessage, channel: string): RoutingDecision {
    const decision = this.#router.route(message, channel);
    if (decision.kind === 'routed') {
      const { matchedBy } = decision;
      this.#matched.set(matchedBy, (this.#matched.get(matchedBy) ?? 0) + 1);
    }
    return decision;
  }

  /** The agent of that name, as it was registered. */
  runtimeOf(agent: string): Runtime | undefined {
    return this.#runtimes.get(agent);
  }

  /** The rules, in order, and how many messages each took. */
  snapshot(): readonly RouteSnapshot[] {
    return this.#router.routes.map((route) => ({
      ...route,
      matched: this.#matched.get(route.rule) ?? 0,
    }));
  }
}
