import type { Clock } from '@sluice/core';
import type { Asker } from './asker.ts';
import { unguessableId } from './unguessable-id.ts';

/** How long tickets live, and how many. */
export interface TicketsOptions {
  readonly clock: Clock;
  readonly ttlMs: number;
  readonly maxTickets: number;
}

/**
 * Tickets for one WebSocket each: what a page buys with its cookie or token, and shows within moments. Bounded: the
 * oldest goes first.
 */
export class Tickets {
  readonly #options: TicketsOptions;
  readonly #tickets = new Map<string, { readonly asker: Asker; readonly endsAt: number }>();

  constructor(options: TicketsOptions) {
    this.#options = options;
  }

  /** Makes a ticket for `asker`. */
  issue(asker: Asker): string {
    const { clock, ttlMs, maxTickets } = this.#options;
    this.#forgetOld();
    const ticket = unguessableId();
    this.#tickets.set(ticket, { asker, endsAt: clock.now() + ttlMs });
    const [oldest] = this.#tickets.keys();
    if (this.#tickets.size > maxTickets && oldest !== undefined) this.#tickets.delete(oldest);
    return ticket;
  }

  /** Takes a ticket: the second time it is worth nothing. */
  redeem(ticket: string): Asker | undefined {
    const found = this.#tickets.get(ticket);
    this.#tickets.delete(ticket);
    return found !== undefined && found.endsAt > this.#options.clock.now()
      ? found.asker
      : undefined;
  }

  /** All live equally long, so that the first are the oldest. */
  #forgetOld(): void {
    const now = this.#options.clock.now();
    for (const [ticket, { endsAt }] of this.#tickets) {
      if (endsAt > now) return;
      this.#tickets.delete(ticket);
    }
  }
}
