import { readFileSync } from 'node:fs';
import { CLIENT_POOL_DEFAULTS, DEFAULT_CIRCUIT, DEFAULT_TIMEOUTS } from '@sluice/core';
import { describe, expect, it } from 'vitest';
import { aClientPool, failureOf, REQUEST } from './support.ts';

const guide = readFileSync(new URL('../../../docs/guide/client-pool.md', import.meta.url), 'utf8');

describe('the guide to the client pool', () => {
  it('tells the defaults of the timeouts', () => {
    const found = guide.matchAll(/^\| `(\w+Ms)` \| ([\d ]+|off)/gm);
    const rows = new Map(Array.from(found, ([, name, value]) => [name, value?.trim()]));

    expect(Object.fromEntries(rows)).toEqual({
      firstByteMs: spaced(DEFAULT_TIMEOUTS.firstByteMs),
      firstContentMs: spaced(DEFAULT_TIMEOUTS.firstContentMs),
      idleMs: spaced(DEFAULT_TIMEOUTS.idleMs),
      totalMs: spaced(DEFAULT_TIMEOUTS.totalMs),
    });
  });

  it('tells the defaults of the circuit, and of a provider', () => {
    const circuit = /circuit: \{ (.*?) \}/.exec(guide)?.[1]?.replaceAll('_', '');
    const told = Object.entries(DEFAULT_CIRCUIT).map(([key, value]) => `${key}: ${value}`);

    expect(circuit).toBe(told.join(', '));
    expect(guide).toContain(`\`minIdle\` ${CLIENT_POOL_DEFAULTS.minIdle},`);
    expect(guide).toContain(`| \`weight\` | ${CLIENT_POOL_DEFAULTS.weight} |`);
    expect(guide).toContain(`| \`'${CLIENT_POOL_DEFAULTS.balancer}'\` (default) |`);
  });

  it.each([
    ['goes on to the next provider', [401, 403, 404, 429, 500, 503]],
    ['fails: every provider would say the same', [400]],
  ] as const)('is right in saying what %s', async (what, statuses) => {
    const row = guide.split('\n').find((line) => line.includes(what)) ?? '';

    for (const status of statuses) {
      const { clients } = aClientPool({ a: { reply: { end: { kind: 'status', status } } }, b: {} });
      const failed = await clients.complete(REQUEST).then(
        () => false,
        () => true,
      );
      expect([status, failed]).toEqual([status, what.startsWith('fails')]);
      expect(row).toMatch(status < 500 ? String(status) : '5xx');
    }
  });

  it('names errors that there are', async () => {
    const { clients } = aClientPool({ a: { reply: { end: { kind: 'reset' } } } });

    const error = await failureOf(clients.complete(REQUEST));

    expect(guide).toContain(`| \`${(error as Error).name}\` |`);
  });
});

function spaced(value: number | false): string {
  return value === false ? 'off' : value.toLocaleString('en').replaceAll(',', ' ');
}
