import type { Budget, EventError, SluiceEvent } from '@sluice/core/events';
import { MOMENT_MS } from '../state/notable.ts';
import { CHANNEL_WORDS } from './channel-words.ts';
import {
  age,
  clockTime,
  count,
  exactDuration,
  MISSING,
  ordinal,
  percent,
  plural,
  wholeAge,
} from './format.ts';
import { NEAR_LIMIT, usedShare } from './limits.ts';
import { messages } from './messages.ts';
import { shown, shownRun } from './untrusted.ts';

/** One event as a line of text. */
export interface EventLine {
  /** Unique among all events of one engine. */
  readonly key: string;
  readonly time: string;
  readonly kind: string;
  readonly glyph: string;
  readonly tone: 'plain' | 'press' | 'alarm' | 'hand';
  /** Which pool, channel or target it is about. */
  readonly subject: string;
  readonly text: string;
  readonly duration: string;
}

/** The words of a line that depend on the type of its event. */
type Words = Pick<EventLine, 'kind' | 'text'> & {
  readonly tone?: EventLine['tone'];
  readonly durationMs?: number | undefined;
};

const GLYPHS: Readonly<Record<string, string>> = {
  Acquired: '↦',
  Released: '↤',
  Waiting: '◔',
  'Wait limit': '⌛',
  Created: '+',
  Destroyed: '−',
  Limit: '≈',
  Error: '✕',
  Restart: '▼',
  Channel: '⇄',
  'Message in': '→',
  'Message out': '←',
  'By hand': '✎',
};

/** Writes an event as a line. One of a later version is shown by its type. */
export function eventLine(event: SluiceEvent): EventLine {
  const words = wordsOf(event);
  return {
    key: `${event.epoch}.${event.seq}`,
    time: clockTime(event.at, true),
    kind: words.kind,
    glyph: GLYPHS[words.kind] ?? '·',
    tone: words.tone ?? 'plain',
    subject: subjectOf(event),
    text: shown(words.text),
    duration: words.durationMs === undefined ? MISSING : exactDuration(words.durationMs),
  };
}

function subjectOf(event: SluiceEvent): string {
  if ('pool' in event && typeof event.pool === 'string') return shown(event.pool, 200);
  if ('channel' in event && typeof event.channel === 'string') return shown(event.channel, 200);
  if ('target' in event && typeof event.target === 'string') return shown(event.target, 200);
  return MISSING;
}

function wordsOf(event: SluiceEvent): Words {
  const subject = event.type.slice(0, event.type.indexOf('.'));
  if (subject === 'lease' || subject === 'client') return leaseWords(event);
  if (subject === 'pool' || subject === 'target') return poolWords(event);
  if (subject === 'channel' || subject === 'message' || subject === 'send') {
    return channelWords(event);
  }
  return otherWords(event);
}

function leaseWords(event: SluiceEvent): Words {
  switch (event.type) {
    case 'lease.waiting': {
      const text = `${shownRun(event.label)} waits, ${ordinal(event.position)} in line`;
      return { kind: 'Waiting', text, tone: 'press' };
    }
    case 'lease.acquired': {
      const waited = event.waitMs < MOMENT_MS ? '' : ' after waiting';
      const text = `${shownRun(event.label)} acquired client ${client(event.slot)}${waited}`;
      return { kind: 'Acquired', text, durationMs: event.waitMs };
    }
    case 'lease.released':
      return {
        kind: 'Released',
        text: `client ${client(event.slot)} came back`,
        durationMs: event.heldMs,
      };
    case 'lease.destroyed':
    case 'lease.revoked': {
      const how = event.type === 'lease.revoked' ? 'revoked' : 'given up as broken';
      const tone = event.type === 'lease.revoked' ? 'hand' : 'alarm';
      const text = `client ${client(event.slot)} ${how}`;
      return { kind: 'Destroyed', text, tone, durationMs: event.heldMs };
    }
    case 'lease.detached':
      return {
        kind: 'Released',
        text: `client ${client(event.slot)} left the pool with its holder`,
        durationMs: event.heldMs,
      };
    case 'lease.refused':
      return refusedWords(event);
    case 'lease.leakSuspected':
      return {
        kind: 'Error',
        text: `possible leak of client ${client(event.slot)}`,
        tone: 'alarm',
        durationMs: event.heldMs,
      };
    case 'lease.leakCleared':
      return {
        kind: 'Released',
        text: `client ${client(event.slot)} was no leak`,
        durationMs: event.heldMs,
      };
    case 'lease.lost':
      return {
        kind: 'Error',
        text: `client ${client(event.slot)} was never given back`,
        tone: 'alarm',
        durationMs: event.heldMs,
      };
    case 'client.createFailed':
      return {
        kind: 'Error',
        text: `creating client ${client(event.slot)} failed: ${errorText(event.error)}`,
        tone: 'alarm',
        durationMs: event.durationMs,
      };
    case 'client.destroying':
      return { kind: 'Destroyed', text: `client ${client(event.slot)} leaves: ${event.reason}` };
    default:
      return unknownWords(event);
  }
}

function refusedWords(event: Extract<SluiceEvent, { readonly type: 'lease.refused' }>): Words {
  if (event.reason === 'timeout') {
    return {
      kind: 'Wait limit',
      text: 'a caller reached its wait limit',
      tone: 'alarm',
      durationMs: event.waitMs,
    };
  }
  if (event.reason === 'aborted') {
    return { kind: 'Released', text: 'a caller went away', durationMs: event.waitMs };
  }
  const why = event.error === undefined ? event.reason : errorText(event.error);
  return {
    kind: 'Error',
    text: `a caller was refused: ${why}`,
    tone: 'alarm',
    durationMs: event.waitMs,
  };
}

function poolWords(event: SluiceEvent): Words {
  switch (event.type) {
    case 'pool.opened':
      return { kind: 'Created', text: `opened with up to ${plural(event.maxSize, 'client')}` };
    case 'pool.resized':
      return { kind: 'Limit', text: `resized to ${plural(event.maxSize, 'client')}` };
    case 'pool.suspended':
    case 'pool.resumed':
    case 'pool.draining':
    case 'pool.removed':
      return { kind: 'Limit', text: event.type.slice('pool.'.length) };
    case 'pool.closed':
      return {
        kind: 'Destroyed',
        text: `closed, ${plural(event.destroyed, 'client')} destroyed, ${event.abandoned} abandoned`,
      };
    case 'target.cooling':
      return {
        kind: 'Limit',
        text: `cools down for ${wholeAge(event.until - event.at)}: ${event.reason}`,
        tone: 'press',
      };
    case 'target.recovered':
      return { kind: 'Limit', text: `${shown(event.target, 80)} recovered` };
    case 'target.limits':
      return { kind: 'Limit', text: limitText(event), tone: 'press' };
    case 'target.circuit':
      return circuitWords(event);
    default:
      return unknownWords(event);
  }
}

function circuitWords(event: Extract<SluiceEvent, { readonly type: 'target.circuit' }>): Words {
  if (event.state === 'closed') return { kind: 'Limit', text: 'gate is passing again' };
  if (event.state === 'half-open') {
    return { kind: 'Limit', text: 'gate probes with one trial call', tone: 'press' };
  }
  const probe =
    event.probeAt === undefined ? '' : `, probes in ${wholeAge(event.probeAt - event.at)}`;
  const text = `gate tripped: ${event.failures} of ${plural(event.calls, 'call')} failed${probe}`;
  return { kind: 'Error', text, tone: 'alarm' };
}

function limitText(event: Extract<SluiceEvent, { readonly type: 'target.limits' }>): string {
  const budgets: readonly (readonly [string, Budget | undefined])[] = [
    ['requests', event.requests],
    ['input tokens', event.inputTokens],
    ['output tokens', event.outputTokens],
  ];
  const near = budgets.find(([, budget]) => usedShare(budget, event.at) >= NEAR_LIMIT);
  const [what, budget] = near ?? budgets[0] ?? ['requests', undefined];
  if (budget === undefined) return `${what} are limited`;
  return `${what} at ${percent(usedShare(budget, event.at))} of ${count(budget.limit)} a minute`;
}

/** The supervisor's own words for why a state came about, for those who do not know it. */
const CAUSES: Readonly<Record<string, string>> = {
  opened: 'the connection is open',
  hungUp: 'the connection is closed',
  retry: 'it tries again',
  owned: 'this process owns it',
  disowned: 'another process owns it',
};

/** Why a message was given up. */
const GIVEN_UP: Readonly<Record<string, string>> = {
  overflow: 'too many were waiting',
  unroutable: 'no route takes it',
  stopped: 'its channel stopped',
  'send-failed': 'its reply could not be sent',
  'handler-failed': 'its handler failed',
  superseded: 'a newer one took its place',
};

function channelWords(event: SluiceEvent): Words {
  switch (event.type) {
    case 'channel.added':
      return { kind: 'Channel', text: `added, ${event.kind}` };
    case 'channel.removed':
      return { kind: 'Channel', text: 'removed' };
    case 'channel.transition': {
      const isByHand = event.by === 'hand';
      const tone = event.to === 'failed' ? 'alarm' : 'plain';
      const why = isByHand ? 'by hand' : (CAUSES[event.cause] ?? event.cause);
      return {
        kind: 'Channel',
        text: `${CHANNEL_WORDS[event.to] ?? event.to}, ${why}`,
        tone: isByHand ? 'hand' : tone,
      };
    }
    case 'channel.restarting': {
      const byHand = event.by === 'hand';
      const again = event.redelivered > 0 ? messages.channel.redelivered(event.redelivered) : '';
      const kind = byHand ? 'By hand' : 'Restart';
      return {
        kind,
        text: `${byHand ? 'restarted by hand' : `restarts, ${event.cause}`}${again}`,
        tone: byHand ? 'hand' : 'plain',
        durationMs: event.delayMs,
      };
    }
    case 'channel.gaveUp':
      return {
        kind: 'Error',
        text: `gave up: ${event.error === undefined ? event.cause : errorText(event.error)}`,
        tone: 'alarm',
      };
    case 'channel.swapped':
      return event.error === undefined
        ? { kind: 'By hand', text: `swapped, generation ${event.generation}`, tone: 'hand' }
        : { kind: 'Error', text: `swap rolled back: ${errorText(event.error)}`, tone: 'alarm' };
    case 'channel.replayGap':
      return {
        kind: 'Error',
        text: 'messages may be missing: the replay has a gap',
        tone: 'alarm',
      };
    case 'message.failed':
      return {
        kind: 'Error',
        text: `a message failed: ${errorText(event.error)}`,
        tone: 'alarm',
        durationMs: event.durationMs,
      };
    case 'message.deadLettered':
      return {
        kind: 'Error',
        text: `a message was given up: ${GIVEN_UP[event.reason] ?? event.reason}`,
        tone: 'alarm',
      };
    case 'send.failed':
      return {
        kind: 'Error',
        text: `a reply could not be sent: ${errorText(event.error)}`,
        tone: 'alarm',
        durationMs: event.durationMs,
      };
    default:
      return unknownWords(event);
  }
}

function otherWords(event: SluiceEvent): Words {
  switch (event.type) {
    case 'attempt.failed': {
      const status = event.status === undefined ? event.kind : `${event.status}, ${event.kind}`;
      return {
        kind: 'Error',
        text: `${shownRun(event.runId)} failed: ${status}`,
        tone: 'alarm',
        durationMs: event.durationMs,
      };
    }
    case 'run.failed':
      return {
        kind: 'Error',
        text: `${shownRun(event.runId)} failed: ${errorText(event.error)}`,
        tone: 'alarm',
        durationMs: event.durationMs,
      };
    case 'run.approval':
      return {
        kind: 'By hand',
        text: `${shownRun(event.runId)}: ${event.decision} ${event.tool ?? ''}`,
        tone: 'hand',
      };
    case 'fault.added':
      return {
        kind: 'By hand',
        text: `a fault was added for ${age(event.until - event.at)}: ${event.kind}`,
        tone: 'hand',
      };
    case 'fault.removed':
      return { kind: 'By hand', text: `a fault ended: ${event.kind}, ${event.by}`, tone: 'hand' };
    case 'command.accepted':
      return {
        kind: 'By hand',
        text: `${event.by}: ${event.commandType} ${event.subject}`,
        tone: 'hand',
      };
    case 'command.refused':
      return {
        kind: 'By hand',
        text: `${event.by}: ${event.commandType} was refused, ${event.reason}`,
        tone: 'hand',
      };
    default:
      return unknownWords(event);
  }
}

function unknownWords(event: SluiceEvent): Words {
  const { type } = event as { readonly type: string };
  return { kind: 'Other', text: type };
}

function errorText(error: EventError): string {
  return error.providerCode === undefined
    ? error.message
    : `${error.message} (${error.providerCode})`;
}

function client(slot: number): string {
  return String(slot).padStart(2, '0');
}
