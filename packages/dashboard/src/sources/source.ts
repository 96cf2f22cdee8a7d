import type { EngineSnapshot, SluiceEvent } from '@sluice/core/events';
import type { FoldedHistory } from '../state/history.ts';
import type { Subscribable } from './subscribable.ts';

/**
 * Where a dashboard's picture comes from: an engine in this page, one behind a server, a recording. Each subscription
 * begins with a status and a snapshot; events follow by `seq`, and where some are missing a gap says so.
 */
export interface DashboardSource extends Subscribable<SourceMessage> {
  /** Tries to connect at once instead of at the announced time. Absent where there is nothing to connect to. */
  retryNow?(): void;
}

/** What a source tells. */
export type SourceMessage =
  | {
      readonly type: 'snapshot';
      readonly snapshot: EngineSnapshot;
      /** What was recorded before this reader came, when somebody kept it. */
      readonly history?: FoldedHistory | undefined;
    }
  | {
      readonly type: 'events';
      /** In order of `seq`. Valid during the call: copy what is kept. */
      readonly events: readonly SluiceEvent[];
    }
  | {
      readonly type: 'gap';
      /** How many events were lost, when that is known. */
      readonly lost?: number | undefined;
    }
  | { readonly type: 'status'; readonly status: SourceStatus };

/** How a source stands. Times are epoch milliseconds. */
export type SourceStatus =
  | { readonly status: 'connecting'; readonly address?: string | undefined }
  | { readonly status: 'live'; readonly address?: string | undefined }
  | { readonly status: 'lost'; readonly since: number; readonly retryAt?: number | undefined }
  /** The server asks for a token. */
  | { readonly status: 'refused'; readonly address: string }
  | { readonly status: 'mismatch'; readonly ours: string; readonly theirs: string }
  /** A recording is over, or the engine stopped. */
  | { readonly status: 'ended' };

/** The major version of the language that this dashboard reads. Minor versions only add. */
export const CODEC_MAJOR = '1';

/** Whether a snapshot's language can be read. */
export function isReadable(codec: string): boolean {
  return codec.split('.')[0] === CODEC_MAJOR;
}
