import type { Fault, StatusFault } from '../fault.ts';
import { cutBytes, delayOf, frameEvent, frameLine, type WireEvent } from '../physics.ts';
import { paced, type Plan, type PlanEnd, planText } from '../plan.ts';
import type { Reply } from '../script.ts';
import type { Play } from './dialect.ts';

/** A reply as its dialect writes it, before anything goes wrong with it. */
export interface Answer {
  /** Whether it goes out piece by piece, rather than as one JSON body. */
  readonly isStreamed: boolean;
  /** What is sent, in order, the end included. */
  readonly events: readonly WireEvent[];
  /** How many of them come before the first that tells how the answer ends. */
  readonly contents: number;
  readonly framing: 'sse' | 'ndjson';
  /** Beside the content type. */
  readonly headers: Readonly<Record<string, string>>;
  /** An event that is no JSON. */
  readonly malformed: WireEvent;
  /** Writes the events with which an answer, begun with 200, tells of an error. */
  readonly error: (fault: Extract<Fault, { kind: 'error' }>) => readonly WireEvent[];
  /** Plans a status other than 200. */
  readonly refusal: (fault: StatusFault) => Plan;
  /** Writes the answer as one JSON body. */
  readonly whole: () => string;
  /** What keeps a silent answer alive. Default: a comment, or nothing where there are none. */
  readonly ping?: WireEvent | undefined;
}

const JSON_TYPE = 'application/json';

/** What a body of events is called, and how it travels. Without the latter MSW in Node takes a broken connection for a proper end. */
const EVENT_HEADERS = {
  sse: { 'content-type': 'text/event-stream; charset=utf-8', 'transfer-encoding': 'chunked' },
  ndjson: { 'content-type': 'application/x-ndjson', 'transfer-encoding': 'chunked' },
} as const;

const WHOLE_HEADERS = { 'content-type': JSON_TYPE, 'transfer-encoding': 'chunked' };

/** Plans how an answer is sent: paced, framed and cut as its reply says, with the fault where it belongs. */
export function planAnswer(reply: Reply, answer: Answer, play: Play): Plan {
  const { fault } = reply;
  const headers = { ...answer.headers, ...reply.headers };
  switch (fault?.kind) {
    case 'hang':
    case 'refuse':
      return { kind: fault.kind };
    case 'status':
      return answer.refusal(fault);
    case 'json':
      return planText(200, fault.body ?? answer.whole(), { 'content-type': JSON_TYPE, ...headers });
    case 'type':
      return planText(200, fault.body ?? '', { ...headers, 'content-type': fault.contentType });
    default:
      return answer.isStreamed ? planEvents(reply, answer, play) : planWhole(reply, answer, play);
  }
}

/** Plans an answer as its events, which come as the model makes them. */
function planEvents(reply: Reply, answer: Answer, { random }: Play): Plan {
  const { fault, framing, physics } = reply;
  const events = withPings(withFault(answer, fault), answer, framing?.pingEvery);
  const frame = answer.framing === 'sse' ? frameEvent : frameLine;
  const framed = events.map((event) => frame(event, framing));
  const last = framed.at(-1);
  if (framing?.hasFinalBlankLine === false && last !== undefined) {
    framed[framed.length - 1] = last.slice(0, -(framing.lineEnd ?? '\n').length);
  }
  return {
    kind: 'answer',
    status: 200,
    headers: { ...EVENT_HEADERS[answer.framing], ...answer.headers, ...reply.headers },
    steps: paced(framed, { physics, framing, random }),
    end: endOf(fault),
    flood: floodOf(fault),
  };
}

/**
 * Plans an answer as one JSON body, which comes when the model has made all of it. What goes wrong with a stream goes
 * wrong in the middle of the body; an error, known before anything is sent, is a status.
 */
function planWhole(reply: Reply, answer: Answer, { random }: Play): Plan {
  const { fault, framing, physics } = reply;
  if (fault?.kind === 'error') {
    const { message, code } = fault;
    return answer.refusal({ kind: 'status', status: 500, message, code });
  }
  const bytes = new TextEncoder().encode(answer.whole());
  const isBroken = fault !== undefined && fault.kind !== 'linger';
  const sent = isBroken ? bytes.subarray(0, bytes.length / 2) : bytes;
  const delaysMs = answer.events.map((_, place) => delayOf(place, physics, random));
  const delayMs = delaysMs.reduce((total, delay) => total + delay, 0);
  return {
    kind: 'answer',
    status: 200,
    headers: { ...WHOLE_HEADERS, ...answer.headers, ...reply.headers },
    steps: cutBytes(sent, framing?.cut, random).map((piece, at) => ({
      delayMs: at === 0 ? delayMs : 0,
      bytes: piece,
    })),
    end: endOf(fault),
    flood: floodOf(fault),
  };
}

/** Puts the fault among the events: after all content, and before what tells the end, unless told where. */
function withFault(answer: Answer, fault: Fault | undefined): readonly WireEvent[] {
  const { events, contents } = answer;
  switch (fault?.kind) {
    case 'malformed': {
      const after = fault.afterEvents ?? contents;
      return [...events.slice(0, after), answer.malformed, ...events.slice(after)];
    }
    case 'error':
      return [...events.slice(0, fault.afterEvents ?? contents), ...answer.error(fault)];
    case 'cut':
    case 'reset':
    case 'stall':
    case 'flood':
      return events.slice(0, fault.afterEvents ?? contents);
    default:
      return events;
  }
}

function withPings(
  events: readonly WireEvent[],
  { ping, framing }: Answer,
  every = Infinity,
): readonly WireEvent[] {
  const sent = ping ?? (framing === 'sse' ? { comment: 'ping' } : undefined);
  if (sent === undefined) return events;
  return events.flatMap((event, at) => (at % every === every - 1 ? [sent, event] : [event]));
}

function endOf(fault: Fault | undefined): PlanEnd {
  if (fault?.kind === 'reset') return 'reset';
  return fault?.kind === 'stall' || fault?.kind === 'linger' ? 'stall' : 'close';
}

function floodOf(fault: Fault | undefined): Extract<Plan, { kind: 'answer' }>['flood'] {
  if (fault?.kind !== 'flood') return undefined;
  const { bytes = 1_073_741_824, form = 'line' } = fault;
  return { bytes, form };
}
