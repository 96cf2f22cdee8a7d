import type { Finish, Usage } from '../message/completion.ts';

/** One element of a run's stream: pieces of the answer as they come, then the whole of it. A failure throws. */
export type RunChunk =
  | { readonly type: 'delta'; readonly text: string }
  | {
      /** The last element: the answer is whole and remembered. */
      readonly type: 'finished';
      readonly text: string;
      readonly finish: Finish;
      readonly usage: Usage;
      /** How many messages of the history had no room in the context. */
      readonly leftOut: number;
    };
