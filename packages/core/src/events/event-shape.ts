import { isRecord } from '../base/json.ts';
import type { EventOf, SluiceEvent } from './event.ts';

/** What a field of an event must be. A question mark: it may be missing. */
type FieldKind =
  | `${'string' | 'number' | 'boolean' | 'object' | 'array'}${'' | '?'}`
  | 'string|null';

/** The fields of each type of event, as the types declare them: one too few or of another kind does not compile. */
type Shapes = { readonly [Type in SluiceEvent['type']]: ShapeOf<FieldsOf<EventOf<Type>>> };
type FieldsOf<Event> = Omit<Event, 'type' | 'epoch' | 'seq' | 'at'>;
type ShapeOf<Fields> = {
  readonly [Name in keyof Fields]: undefined extends Fields[Name]
    ? `${KindOf<Exclude<Fields[Name], undefined>>}?`
    : null extends Fields[Name]
      ? 'string|null'
      : KindOf<Fields[Name]>;
};
type KindOf<Value> = [Value] extends [string]
  ? 'string'
  : [Value] extends [number]
    ? 'number'
    : [Value] extends [boolean]
      ? 'boolean'
      : [Value] extends [readonly unknown[]]
        ? 'array'
        : 'object';

const POOL = {
  pool: 'string',
  maxSize: 'number',
  minIdle: 'number',
  options: 'object?',
  group: 'string?',
  provider: 'string?',
} as const;
const CLIENT = { pool: 'string', slot: 'number', durationMs: 'number?' } as const;
const HELD = { pool: 'string', lease: 'number', slot: 'number', heldMs: 'number' } as const;
const ENDED = { ...HELD, reason: 'string?' } as const;
const SUSPECTED = { ...HELD, stack: 'string?' } as const;
const TARGET = { target: 'string', pool: 'string' } as const;
const RUN = { runId: 'string', agent: 'string' } as const;
const TURN = { ...RUN, turn: 'number' } as const;
const TOOL = { ...TURN, tool: 'string', durationMs: 'number?', error: 'object?' } as const;
const CALL = { call: 'number', runId: 'string', model: 'string', attempts: 'number' } as const;
const ATTEMPT = {
  runId: 'string',
  call: 'number',
  attempt: 'number',
  target: 'string',
  pool: 'string',
  lease: 'number',
  durationMs: 'number',
} as const;
const SEND = { channel: 'string', runId: 'string', part: 'number' } as const;
const RESTART = {
  channel: 'string',
  generation: 'number',
  cause: 'string',
  by: 'string',
  delayMs: 'number?',
  restartsInWindow: 'number?',
  redelivered: 'number',
  kind: 'string?',
  metadata: 'object?',
  error: 'object?',
} as const;
const MESSAGE = {
  channel: 'string',
  message: 'string',
  namespace: 'string',
  runId: 'string',
  queued: 'number?',
  running: 'number?',
  durationMs: 'number?',
} as const;
const COMMAND = {
  command: 'string',
  commandType: 'string',
  subject: 'string',
  by: 'string',
} as const;

const SHAPES: Shapes = {
  'pool.opened': POOL,
  'pool.resized': POOL,
  'pool.suspended': POOL,
  'pool.resumed': POOL,
  'pool.draining': POOL,
  'pool.removed': { pool: 'string' },
  'pool.closed': {
    pool: 'string',
    maxSize: 'number',
    minIdle: 'number',
    destroyed: 'number',
    abandoned: 'number',
  },
  'client.creating': CLIENT,
  'client.created': CLIENT,
  'client.createFailed': { ...CLIENT, error: 'object' },
  'client.checking': CLIENT,
  'client.checked': { ...CLIENT, healthy: 'boolean' },
  'client.destroying': { pool: 'string', slot: 'number', reason: 'string' },
  'client.destroyed': CLIENT,
  'lease.waiting': {
    pool: 'string',
    waiter: 'number',
    position: 'number',
    waiting: 'number',
    timeoutMs: 'number?',
    label: 'string?',
    tenant: 'string?',
    priority: 'number',
  },
  'lease.acquired': {
    pool: 'string',
    lease: 'number',
    slot: 'number',
    waiter: 'number?',
    waitMs: 'number',
    label: 'string?',
    tenant: 'string?',
    stack: 'string?',
  },
  'lease.refused': {
    pool: 'string',
    waiter: 'number?',
    reason: 'string',
    waitMs: 'number',
    error: 'object?',
  },
  'lease.released': ENDED,
  'lease.destroyed': ENDED,
  'lease.detached': ENDED,
  'lease.revoked': ENDED,
  'lease.leakSuspected': SUSPECTED,
  'lease.leakCleared': SUSPECTED,
  'lease.lost': SUSPECTED,
  'target.added': TARGET,
  'target.cooling': { ...TARGET, until: 'number', reason: 'string' },
  'target.recovered': TARGET,
  'target.circuit': {
    ...TARGET,
    state: 'string',
    failures: 'number',
    calls: 'number',
    probeAt: 'number?',
  },
  'target.limits': {
    ...TARGET,
    requests: 'object?',
    inputTokens: 'object?',
    outputTokens: 'object?',
    concurrency: 'number?',
  },
  'target.probed': { ...TARGET, healthy: 'boolean', durationMs: 'number' },
  'attempt.started': ATTEMPT,
  'attempt.firstByte': ATTEMPT,
  'attempt.firstContent': { ...ATTEMPT, smoothedMs: 'number?' },
  'attempt.finished': { ...ATTEMPT, finishReason: 'string', usage: 'object' },
  'attempt.failed': {
    ...ATTEMPT,
    kind: 'string',
    status: 'number?',
    retryAfterMs: 'number?',
    partial: 'boolean',
  },
  'call.started': CALL,
  'call.retried': CALL,
  'call.failedOver': CALL,
  'call.finished': { ...CALL, durationMs: 'number', usage: 'object' },
  'call.failed': { ...CALL, durationMs: 'number', error: 'object' },
  'channel.added': { channel: 'string', kind: 'string', metadata: 'object' },
  'channel.removed': { channel: 'string' },
  'channel.transition': {
    channel: 'string',
    from: 'string',
    to: 'string',
    cause: 'string',
    generation: 'number',
    attempt: 'number',
    by: 'string',
    nextRetryAt: 'number?',
    restartsInWindow: 'number?',
    metadata: 'object?',
    error: 'object?',
  },
  'channel.restarting': RESTART,
  'channel.gaveUp': RESTART,
  'channel.swapped': RESTART,
  'channel.replayGap': RESTART,
  'message.received': MESSAGE,
  'message.duplicate': MESSAGE,
  'message.queued': MESSAGE,
  'message.started': MESSAGE,
  'message.replied': MESSAGE,
  'message.ignored': MESSAGE,
  'message.failed': { ...MESSAGE, error: 'object' },
  'message.deadLettered': { ...MESSAGE, reason: 'string' },
  'route.decided': { runId: 'string', agent: 'string|null', matchedBy: 'string' },
  'route.replaced': { routes: 'array' },
  'run.started': RUN,
  'run.turn': { ...TURN, leftOut: 'number?' },
  'run.firstContent': TURN,
  'run.toolStarted': TOOL,
  'run.toolFinished': TOOL,
  'run.approval': { ...TURN, tool: 'string?', decision: 'string' },
  'run.finished': { ...TURN, durationMs: 'number', usage: 'object' },
  'run.failed': { ...TURN, durationMs: 'number', error: 'object' },
  'send.started': SEND,
  'send.finished': { ...SEND, durationMs: 'number' },
  'send.failed': { ...SEND, durationMs: 'number', error: 'object' },
  'fault.added': {
    fault: 'string',
    kind: 'string',
    target: 'string?',
    pool: 'string?',
    every: 'number',
    value: 'number?',
    until: 'number',
    by: 'string',
  },
  'fault.removed': { fault: 'string', kind: 'string', by: 'string' },
  'command.accepted': COMMAND,
  'command.refused': { ...COMMAND, code: 'string', reason: 'string' },
  'engine.started': { version: 'string' },
  'engine.stopping': {},
  'engine.stopped': {},
  'observer.failed': { error: 'object' },
};

/**
 * Names the first field of an event that is missing or of the wrong type. `undefined` when all is well, or when the type
 * is one that this version does not know. Fields beyond those known are nobody's business.
 */
export function missingField(event: Readonly<Record<string, unknown>>): string | undefined {
  const type = String(event['type']);
  if (!Object.hasOwn(SHAPES, type)) return undefined;
  const shape: Readonly<Record<string, FieldKind>> = SHAPES[type as SluiceEvent['type']];
  return Object.keys(shape).find((name) => !isOfKind(event[name], shape[name]));
}

function isOfKind(value: unknown, kind: FieldKind | undefined): boolean {
  if (kind === undefined) return true;
  if (kind.endsWith('?')) return value === undefined || isOf(value, kind.slice(0, -1));
  if (kind === 'string|null') return value === null || typeof value === 'string';
  return isOf(value, kind);
}

function isOf(value: unknown, kind: string): boolean {
  if (kind === 'array') return Array.isArray(value);
  if (kind === 'number') return typeof value === 'number' && Number.isFinite(value);
  if (kind === 'object') return isRecord(value);
  return typeof value === kind;
}
