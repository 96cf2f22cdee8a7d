/** How many runs are remembered; the oldest are forgotten first. */
const KEPT = 8_192;

/** Which channel a run came by, so that a lease can tell for whom a client is held. */
export class RunChannels {
  readonly #channels: Map<string, string> = new Map();

  /** Notes where a run came from. */
  note(runId: string, channel: string | undefined): void {
    if (channel === undefined) return;
    this.#channels.set(runId, channel);
    if (this.#channels.size <= KEPT) return;
    const oldest = this.#channels.keys().next().value;
    if (oldest !== undefined) this.#channels.delete(oldest);
  }

  /** Finds where a run came from; undefined when that was never told, or is long ago. */
  of(runId: string | undefined): string | undefined {
    return runId === undefined ? undefined : this.#channels.get(runId);
  }

  /** All that are remembered, the oldest first. */
  toArray(): readonly (readonly [runId: string, channel: string])[] {
    return [...this.#channels];
  }
}
