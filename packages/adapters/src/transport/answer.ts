import type { ToolCall } from '@sluice/core';

/** What the parts of an answer are put together with. */
export interface AnswerContext {
  /** The provider's name: whose the extras of its parts are. */
  readonly provider: string;
  /** Makes an id for tool calls that come without one. */
  readonly makeId: (ordinal: number) => string;
}

/** A tool call and its place in the message. */
export interface PlacedCall {
  readonly index: number;
  /** Missing when the call has no name: nobody could run it. */
  readonly call: ToolCall | undefined;
}
