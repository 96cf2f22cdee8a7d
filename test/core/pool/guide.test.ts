import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { type AcquireOptions, POOL_DEFAULTS, Pool, type PoolOptions } from '@sluice/core/pool';
import { diagram, observedMoves } from '../../support/pool-moves.ts';

const guide = readFileSync(new URL('../../../docs/guide/pool.md', import.meta.url), 'utf8');

/** Every option there is, and its unit: checked by the compiler, which knows them all. */
const UNITS: Readonly<Record<keyof PoolOptions<unknown>, string>> = {
  name: 'text',
  create: 'function',
  destroy: 'function',
  isBroken: 'function',
  maxSize: 'count',
  minIdle: 'count',
  maxWaiters: 'count',
  acquireTimeoutMs: 'ms',
  createTimeoutMs: 'ms',
  idleTimeoutMs: 'ms',
  maxLifetimeMs: 'ms',
  maxUses: 'count',
  check: 'function',
  checkIntervalMs: 'ms',
  checkTimeoutMs: 'ms',
  checkBypassMs: 'ms',
  createParallelism: 'count',
  createFailure: 'choice',
  backoff: 'ms, factor',
  order: 'choice',
  leakThresholdMs: 'ms',
  reclaimLost: 'yes or no',
  usageDeadlineMs: 'ms',
  shed: 'ms',
  tenants: 'weights',
  statsIntervalMs: 'ms',
  clock: 'object',
  random: 'object',
  describeError: 'function',
  outside: 'function',
};

/** The same for what a caller may say. */
const ACQUIRE_UNITS: Readonly<Record<keyof AcquireOptions, string>> = {
  signal: 'AbortSignal',
  timeoutMs: 'ms',
  priority: 'integer',
  tenant: 'text',
  label: 'text',
};

describe('the guide to the pool', () => {
  it(
    'draws the life of a resource and of a caller as pools live them',
    { timeout: 60_000 },
    async () => {
      const { resource, caller } = await observedMoves(100);

      const drawn = [...guide.matchAll(/```mermaid\n(.*?)```/gs)].map(
        ([, diagrammed]) => diagrammed,
      );

      expect(drawn).toEqual([diagram(resource), diagram(caller)]);
    },
  );

  it('lists every option with its unit and a word on when to change it', () => {
    const rows = tableUnder('## Options');

    expect(Object.fromEntries(rows.map(([name, unit]) => [unmarked(name), unit]))).toEqual(UNITS);
    for (const [name, , , use = ''] of rows) expect(use.length, name).toBeGreaterThan(10);
  });

  it('names the defaults that there are', () => {
    const told = new Map(tableUnder('## Options').map(([name, , said]) => [unmarked(name), said]));

    for (const [name, value] of Object.entries(POOL_DEFAULTS)) {
      expect([name, told.get(name)]).toEqual([name, inWords(value)]);
    }
  });

  it('marks what can be changed while the pool runs', () => {
    const pool = new Pool({ create: () => 1 });

    for (const [name = ''] of tableUnder('## Options')) {
      const change = (): void => pool.updateOptions({ [unmarked(name)]: undefined });
      if (name.endsWith('°')) expect(change).not.toThrow();
      else expect(change, name).toThrow(TypeError);
    }
  });

  it('lists what a caller may say of one acquire', () => {
    const rows = tableUnder('### Of one acquire');

    expect(Object.fromEntries(rows.map(([name, unit]) => [name, unit]))).toEqual(ACQUIRE_UNITS);
  });

  it('names each method and property of a pool', () => {
    const names = Object.getOwnPropertyNames(Pool.prototype).filter(
      (name) => name !== 'constructor',
    );

    expect(names.length).toBeGreaterThan(15);
    expect(names.filter((name) => !guide.includes(name))).toEqual([]);
  });
});

function unmarked(name = ''): string {
  return name.replace(/ °$/, '');
}

/** The cells of the first table under a heading, row by row, without their backticks. */
function tableUnder(heading: string): readonly (readonly string[])[] {
  const [, section = ''] = guide.split(`${heading}\n`);
  const [, body = ''] = /\| ---.*?\n((?:\|.*\n)+)/.exec(section) ?? [];
  return body
    .trimEnd()
    .split('\n')
    .map((row) => row.split('|').slice(1, -1))
    .map((cells) => cells.map((cell) => cell.replaceAll('`', '').trim()));
}

function inWords(value: (typeof POOL_DEFAULTS)[keyof typeof POOL_DEFAULTS]): string {
  if (typeof value === 'number') return value.toLocaleString('en-US');
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'string') return value;
  const { baseMs, factor, capMs, jitter } = value;
  return `${baseMs} × ${factor} up to ${capMs.toLocaleString('en-US')}, ${jitter} jitter`;
}
