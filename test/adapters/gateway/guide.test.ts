import { readFileSync } from 'node:fs';
import { DEFAULT_GATEWAY_LIMITS } from '@sluice/adapters/gateway';
import { describe, expect, it } from 'vitest';

const guide = readFileSync(new URL('../../../docs/guide/gateway.md', import.meta.url), 'utf8');
const refusals = readFileSync(
  new URL('../../../packages/adapters/src/gateway/refusal.ts', import.meta.url),
  'utf8',
);

describe('the guide to the gateway', () => {
  it('names every limit with its default', () => {
    const rows = [...guide.matchAll(/^\| `(\w+)` \| ([\d,]+) \|/gm)];

    const told = rows.map(([, name = '', value = '']) => [name, Number(value.replaceAll(',', ''))]);

    expect(Object.fromEntries(told)).toEqual(DEFAULT_GATEWAY_LIMITS);
  });

  it('names every code of a refusal with its status', () => {
    const told = [...guide.matchAll(/^\| \d{3} \| `(\w+)` \|/gm)].map(([, code]) => code);
    const codes = [...refusals.matchAll(/^ {2}\| '(\w+)'/gm)].map(([, code]) => code);

    expect(new Set(told)).toEqual(new Set(codes));
  });
});
