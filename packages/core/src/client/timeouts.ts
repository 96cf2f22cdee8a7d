import { assertDelay } from '../base/clock.ts';

/** How long an attempt may take, in milliseconds each. `false` switches one off. */
export interface TimeoutOptions {
  /** From the start to the response's status. Default 120,000. */
  readonly firstByteMs?: number | false | undefined;
  /** From the start to the first content. Default 60,000 when another target could take over, else off. */
  readonly firstContentMs?: number | false | undefined;
  /** Without anything arriving while the reader waits for it. Default 60,000. */
  readonly idleMs?: number | false | undefined;
  /** From the start to the end, however lively. Default off. */
  readonly totalMs?: number | false | undefined;
}

/** The timeouts of one attempt, decided. `Infinity` is off. */
export interface ResolvedTimeouts {
  readonly firstByteMs: number;
  readonly firstContentMs: number;
  readonly idleMs: number;
  readonly totalMs: number;
}

/** The defaults. `firstContentMs` applies only when another target could take over. */
export const DEFAULT_TIMEOUTS: { readonly [Key in keyof TimeoutOptions]-?: number | false } = {
  firstByteMs: 120_000,
  firstContentMs: 60_000,
  idleMs: 60_000,
  totalMs: false,
};

/**
 * Decides the timeouts of an attempt: by the last of `options` that says something, else by the defaults.
 *
 * @param hasAlternative - Whether another target could take over, so that waiting for this one has a price.
 */
export function resolveTimeouts(
  hasAlternative: boolean,
  ...options: readonly (TimeoutOptions | undefined)[]
): ResolvedTimeouts {
  const pick = (key: keyof TimeoutOptions, fallback: number | false): number => {
    const given = options.findLast((layer) => layer?.[key] !== undefined)?.[key] ?? fallback;
    return given === false ? Infinity : given;
  };
  return {
    firstByteMs: pick('firstByteMs', DEFAULT_TIMEOUTS.firstByteMs),
    firstContentMs: pick('firstContentMs', hasAlternative && DEFAULT_TIMEOUTS.firstContentMs),
    idleMs: pick('idleMs', DEFAULT_TIMEOUTS.idleMs),
    totalMs: pick('totalMs', DEFAULT_TIMEOUTS.totalMs),
  };
}

/** Checks timeouts as a user wrote them. @throws {TypeError} naming the key of one that no timer can keep. */
export function assertTimeouts(options: TimeoutOptions = {}): void {
  for (const key of ['firstByteMs', 'firstContentMs', 'idleMs', 'totalMs'] as const) {
    const value = options[key];
    if (value === undefined || value === false) continue;
    assertDelay(value, `timeouts.${key}`);
  }
}
