import type { Clock } from '../base/clock.ts';
import type { ReplyThread } from './reply-thread.ts';

interface Draft {
  /** When it was last shown, in monotonic milliseconds. */
  shownAt: number | undefined;
  cancel: (() => void) | undefined;
  isShowing: boolean;
}

/** When a growing reply that is shown by edits is shown again: at once, then after each interval in which it grew. */
export class DraftTimers {
  readonly #clock: Clock;
  readonly #drafts = new Map<ReplyThread, Draft>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** Notes that a reply grew. At most one `show` of it is due or under way. It must not reject. */
  grew(thread: ReplyThread, intervalMs: number, show: () => Promise<void>): void {
    const draft = this.#drafts.get(thread) ?? newDraft();
    this.#drafts.set(thread, draft);
    if (draft.cancel !== undefined || draft.isShowing) return;
    const { shownAt } = draft;
    const waitMs = shownAt === undefined ? 0 : shownAt + intervalMs - this.#clock.now();
    draft.cancel = this.#clock.after(Math.max(0, waitMs), () => void this.#show(draft, show));
  }

  /** Notes that a reply is whole: it is not shown any more while it grows. */
  end(thread: ReplyThread): void {
    this.#drafts.get(thread)?.cancel?.();
    this.#drafts.delete(thread);
  }

  /** Ends all. */
  clear(): void {
    for (const thread of this.#drafts.keys()) this.end(thread);
  }

  async #show(draft: Draft, show: () => Promise<void>): Promise<void> {
    draft.cancel = undefined;
    draft.shownAt = this.#clock.now();
    draft.isShowing = true;
    await show();
    draft.isShowing = false;
  }
}

function newDraft(): Draft {
  return { shownAt: undefined, cancel: undefined, isShowing: false };
}
