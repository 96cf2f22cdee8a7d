import { systemClock } from '../base/clock.ts';
import { isRecord, withoutUndefined } from '../base/json.ts';
import { systemRandom } from '../base/random.ts';
import { errorDescriber } from './event-error.ts';
import {
  type AcquireOptions,
  POOL_DEFAULTS,
  type PoolOptions,
  type PoolTuning,
  type ResolvedPoolOptions,
} from './options.ts';

/** Refuses a value that the option named `key` cannot have. */
type Rule = (value: unknown, key: string) => void;

const duration = number('a finite number of milliseconds greater than 0', (value) => value > 0);
const pause = number('a finite number of milliseconds, at least 0', (value) => value >= 0);
const count = number('an integer of at least 1', (value) => Number.isInteger(value) && value >= 1);
const countOrNone = number(
  'an integer, at least 0',
  (value) => Number.isInteger(value) && value >= 0,
);
const integer = number('an integer', (value) => Number.isInteger(value));
const share = number('a finite number greater than 0', (value) => value > 0);

const BACKOFF_RULES: Readonly<Record<string, Rule>> = {
  baseMs: duration,
  factor: number('a finite number of at least 1', (value) => value >= 1),
  capMs: duration,
  jitter: oneOf('full', 'none'),
};

const TUNING_RULES: Readonly<Record<keyof PoolTuning<unknown>, Rule>> = {
  maxSize: count,
  minIdle: countOrNone,
  maxWaiters: countOrNone,
  acquireTimeoutMs: duration,
  createTimeoutMs: duration,
  idleTimeoutMs: duration,
  maxLifetimeMs: duration,
  maxUses: count,
  check: callable,
  checkIntervalMs: duration,
  checkTimeoutMs: duration,
  checkBypassMs: pause,
  createParallelism: count,
  createFailure: oneOf('fail', 'retry'),
  backoff: (value, key) => checkAll(value, BACKOFF_RULES, `${key}.`),
  order: oneOf('lifo', 'fifo'),
  leakThresholdMs: duration,
  usageDeadlineMs: duration,
  shed: (value, key) => checkWhole(value, { targetMs: duration, intervalMs: duration }, `${key}.`),
  statsIntervalMs: duration,
};

const RULES: Readonly<Record<keyof PoolOptions<unknown>, Rule>> = {
  ...TUNING_RULES,
  name: text,
  create: callable,
  destroy: callable,
  isBroken: callable,
  reclaimLost: oneOf(true, false),
  tenants: checkTenants,
  clock: anything,
  random: anything,
  describeError: callable,
  outside: callable,
};

/**
 * Checks a pool's options and fills in the defaults.
 *
 * @throws {TypeError} naming the key, for an unknown one or a value that it cannot have.
 */
export function resolvePoolOptions<R>(options: PoolOptions<R>): ResolvedPoolOptions<R> {
  checkAll(options, RULES, '');
  if (options.create === undefined) throw new TypeError('create must be a function, not undefined');
  return completed({
    ...POOL_DEFAULTS,
    destroy: undefined,
    isBroken: () => false,
    maxUses: undefined,
    check: undefined,
    leakThresholdMs: undefined,
    usageDeadlineMs: undefined,
    shed: undefined,
    tenants: {},
    clock: systemClock,
    random: systemRandom,
    outside: undefined,
    ...given(options),
    create: options.create,
    describeError: errorDescriber(options.describeError),
  });
}

/**
 * Applies a change to options that are in force. A key that is given as `undefined` keeps its value.
 *
 * @throws {TypeError} naming the key, for one that is unknown or cannot change, or a value that it cannot have.
 */
export function patchPoolOptions<R>(
  before: ResolvedPoolOptions<R>,
  patch: PoolTuning<R>,
): ResolvedPoolOptions<R> {
  checkAll(patch, TUNING_RULES, '');
  return completed({ ...before, ...given(patch) });
}

/** @throws {TypeError} naming the key, for a value that an acquire cannot have. */
export function checkAcquireOptions({ timeoutMs, priority, signal }: AcquireOptions): void {
  if (signal !== undefined) eventTarget(signal, 'signal');
  if (timeoutMs !== undefined) pause(timeoutMs, 'timeoutMs');
  if (priority !== undefined) integer(priority, 'priority');
}

/** @throws {TypeError} naming the key, for a duration that cannot be waited for. 0 is none. */
export function checkPause(value: number, key: string): void {
  pause(value, key);
}

type Unfinished<R> = Omit<ResolvedPoolOptions<R>, 'backoff'> & Pick<PoolOptions<R>, 'backoff'>;

function completed<R>(options: Unfinished<R>): ResolvedPoolOptions<R> {
  const { maxSize, minIdle, idleTimeoutMs, maxLifetimeMs } = options;
  if (minIdle > maxSize) refuse('minIdle', `at most maxSize (${maxSize})`, minIdle);
  return {
    ...options,
    backoff: { ...POOL_DEFAULTS.backoff, ...withoutUndefined(options.backoff ?? {}) } as never,
    // A default may be the longer one; that both were written, and contradict each other, was refused before.
    idleTimeoutMs: Math.min(idleTimeoutMs, maxLifetimeMs),
  };
}

/** What the user wrote, without what was left undefined. */
function given<R>(options: PoolTuning<R>): Partial<Unfinished<R>> {
  const { idleTimeoutMs, maxLifetimeMs } = options;
  if (idleTimeoutMs !== undefined && maxLifetimeMs !== undefined && idleTimeoutMs > maxLifetimeMs) {
    refuse('idleTimeoutMs', `at most maxLifetimeMs (${maxLifetimeMs})`, idleTimeoutMs);
  }
  return withoutUndefined(options) as Partial<Unfinished<R>>; // no field that is left is undefined
}

function checkAll(value: unknown, rules: Readonly<Record<string, Rule>>, path: string): void {
  if (!isRecord(value)) refuse(path.slice(0, -1) || 'options', 'an object', value);
  for (const [key, field] of Object.entries(value)) {
    const rule = Object.hasOwn(rules, key) ? rules[key] : undefined;
    if (rule === undefined) throw new TypeError(`Unknown option "${path}${key}"`);
    if (field !== undefined) rule(field, `${path}${key}`);
  }
}

/** As `checkAll`, but for options that make sense only together. */
function checkWhole(value: unknown, rules: Readonly<Record<string, Rule>>, path: string): void {
  checkAll(value, rules, path);
  for (const [key, rule] of Object.entries(rules)) {
    rule((value as Readonly<Record<string, unknown>>)[key], `${path}${key}`); // it is an object: checked above
  }
}

/** @throws {TypeError} naming the key, for a weight that is no share. */
export function checkTenants(value: unknown, key: string): void {
  if (!isRecord(value)) refuse(key, 'an object', value);
  for (const [tenant, options] of Object.entries(value)) {
    checkWhole(options, { weight: share }, `${key}.${tenant}.`);
  }
}

function number(what: string, isGood: (value: number) => boolean): Rule {
  return (value, key) => {
    if (typeof value === 'number' && Number.isFinite(value) && isGood(value)) return;
    refuse(key, what, value);
  };
}

function oneOf(...choices: readonly (string | boolean)[]): Rule {
  return (value, key) => {
    if (!choices.some((choice) => choice === value)) refuse(key, choices.join(' or '), value);
  };
}

function callable(value: unknown, key: string): void {
  if (typeof value !== 'function') refuse(key, 'a function', value);
}

function text(value: unknown, key: string): void {
  if (typeof value !== 'string' || value === '') refuse(key, 'a string that is not empty', value);
}

function eventTarget(value: unknown, key: string): void {
  const { addEventListener } = Object(value) as { addEventListener?: unknown };
  if (typeof addEventListener !== 'function') refuse(key, 'an AbortSignal', value);
}

function anything(): void {}

function refuse(key: string, what: string, value: unknown): never {
  throw new TypeError(`${key} must be ${what}, not ${String(value)}`);
}
