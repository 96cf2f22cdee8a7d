import type { EventBus } from '../base/event-bus.ts';
import type { RunId } from '../base/id.ts';
import type { MessageContext, MessageHandler } from '../channel/handler.ts';
import type { SluiceEventDraft } from '../events/event.ts';
import type { RoutingDecision } from '../routing/router.ts';
import type { RunChunk } from '../runtime/run-chunk.ts';
import type { Agents } from './agents.ts';
import type { SluiceTexts } from './options.ts';
import type { LiveRuns } from './runs.ts';

/** What a dispatcher works with. */
export interface DispatchParts {
  /** The table that is valid now. */
  readonly agents: () => Agents;
  readonly runs: LiveRuns;
  readonly bus: EventBus<SluiceEventDraft>;
  readonly texts: SluiceTexts;
}

/**
 * Makes what handles every message: route, run, reply. Whatever fails is thrown, and the channel manager tells the sender
 * its safe text: nothing of an error ever reaches a person.
 */
export function createDispatch(parts: DispatchParts): MessageHandler {
  return async (message, context) => {
    const agents = parts.agents(); // read once: a message ends with the table that it began with
    const decision = agents.route(message, context.channel);
    tellDecision(decision, context.runId, parts);
    const runtime = decision.kind === 'routed' ? agents.runtimeOf(decision.agent) : undefined;
    if (decision.kind === 'unroutable' || runtime === undefined) {
      return giveUp(context, parts.texts.unroutable);
    }
    const { runId, signal } = context;
    return answer(runtime.run(decision.message, { runId, signal }), context);
  };
}

function tellDecision(decision: RoutingDecision, runId: RunId, { runs, bus }: DispatchParts): void {
  const agent = decision.kind === 'routed' ? decision.agent : null;
  if (agent !== null) runs.routed(runId, agent);
  if (bus.isObserved) {
    bus.emit({ type: 'route.decided', runId, agent, matchedBy: decision.matchedBy });
  }
}

async function giveUp(context: MessageContext, notice: string | undefined): Promise<void> {
  context.deadLetter('unroutable');
  if (notice === undefined) return;
  try {
    await context.reply.error(notice);
  } catch {
    // The message is a dead letter either way; `send.failed` tells of the notice.
  }
}

/** The reply is sent after the run has ended, so that a slow channel does not keep the conversation's turn. */
async function answer(chunks: AsyncIterable<RunChunk>, { reply }: MessageContext): Promise<void> {
  let finished: Extract<RunChunk, { readonly type: 'finished' }> | undefined;
  for await (const chunk of chunks) {
    if (chunk.type === 'delta') reply.delta(chunk.text);
    else finished = chunk;
  }
  if (finished === undefined) return;
  const { text, usage } = finished;
  await reply.final(text, { inputTokens: usage.input.total, outputTokens: usage.output.total });
}
