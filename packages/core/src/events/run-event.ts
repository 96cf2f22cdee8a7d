import type { EventError } from './event.ts';
import type { RouteSnapshot } from './snapshot.ts';

/** Token counts, as events show them. */
export interface EventUsage {
  readonly inputTokens: number;
  readonly outputTokens: number;
  readonly estimated?: boolean | undefined;
}

/** What happens on the way of one message: routing, the agent's turn, calls to models, replies. One `runId` joins them. */
export type RunEventDraft = RouteEvent | RunEvent | CallEvent | AttemptEvent | SendEvent;

/** Which agent a message goes to, null when no rule took it; and that the table of rules is another one from now on. */
export type RouteEvent =
  | {
      readonly type: 'route.decided';
      readonly runId: string;
      readonly agent: string | null;
      /** The `rule` of the route that took it. */
      readonly matchedBy: string;
    }
  | { readonly type: 'route.replaced'; readonly routes: readonly RouteSnapshot[] };

/** The life of a run: one message, one agent. */
export type RunEvent =
  | { readonly type: 'run.started'; readonly runId: string; readonly agent: string }
  | {
      readonly type: 'run.turn';
      readonly runId: string;
      readonly agent: string;
      readonly turn: number;
      /** How many messages of the history had no room in the context. */
      readonly leftOut?: number | undefined;
    }
  | {
      readonly type: 'run.firstContent';
      readonly runId: string;
      readonly agent: string;
      readonly turn: number;
    }
  | {
      readonly type: 'run.toolStarted' | 'run.toolFinished';
      readonly runId: string;
      readonly agent: string;
      readonly turn: number;
      readonly tool: string;
      readonly durationMs?: number | undefined;
      readonly error?: EventError | undefined;
    }
  | {
      readonly type: 'run.approval';
      readonly runId: string;
      readonly agent: string;
      readonly turn: number;
      readonly tool?: string | undefined;
      readonly decision: 'allow' | 'deny' | 'ask';
    }
  | {
      readonly type: 'run.finished';
      readonly runId: string;
      readonly agent: string;
      readonly turn: number;
      readonly durationMs: number;
      readonly usage: EventUsage;
    }
  | {
      readonly type: 'run.failed';
      readonly runId: string;
      readonly agent: string;
      readonly turn: number;
      readonly durationMs: number;
      readonly error: EventError;
    };

/** The life of a call: one request of a caller to the client pool, over as many attempts as it takes. */
export type CallEvent =
  | {
      readonly type: 'call.started' | 'call.retried' | 'call.failedOver';
      readonly call: number;
      readonly runId: string;
      readonly model: string;
      readonly attempts: number;
    }
  | {
      readonly type: 'call.finished';
      readonly call: number;
      readonly runId: string;
      readonly model: string;
      readonly attempts: number;
      readonly durationMs: number;
      readonly usage: EventUsage;
    }
  | {
      readonly type: 'call.failed';
      readonly call: number;
      readonly runId: string;
      readonly model: string;
      readonly attempts: number;
      readonly durationMs: number;
      readonly error: EventError;
    };

/** What every event of an attempt says: one try at one target, with one lease. */
export interface AttemptFields {
  readonly runId: string;
  readonly call: number;
  readonly attempt: number;
  readonly target: string;
  readonly pool: string;
  readonly lease: number;
  /** Since the attempt started, in monotonic milliseconds. */
  readonly durationMs: number;
}

/** The life of an attempt. */
export type AttemptEvent =
  | (AttemptFields & {
      readonly type: 'attempt.started' | 'attempt.firstByte';
    })
  | (AttemptFields & {
      readonly type: 'attempt.firstContent';
      /** The target's `firstContentMs` from now on, when it is smoothed. Default: this attempt's `durationMs`. */
      readonly smoothedMs?: number | undefined;
    })
  | (AttemptFields & {
      readonly type: 'attempt.finished';
      readonly finishReason: string;
      readonly usage: EventUsage;
    })
  | (AttemptFields & {
      readonly type: 'attempt.failed';
      /** The provider error's kind, or `aborted`, or `other`. */
      readonly kind: string;
      readonly status?: number | undefined;
      readonly retryAfterMs?: number | undefined;
      /** Whether content had arrived. */
      readonly partial: boolean;
    });

/** A part of a reply on its way out. */
export type SendEvent =
  | {
      readonly type: 'send.started';
      readonly channel: string;
      readonly runId: string;
      readonly part: number;
    }
  | {
      readonly type: 'send.finished';
      readonly channel: string;
      readonly runId: string;
      readonly part: number;
      readonly durationMs: number;
    }
  | {
      readonly type: 'send.failed';
      readonly channel: string;
      readonly runId: string;
      readonly part: number;
      readonly durationMs: number;
      readonly error: EventError;
    };
