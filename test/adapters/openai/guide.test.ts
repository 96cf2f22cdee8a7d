import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { serverAt } from '../../../packages/adapters/src/openai/quirks.ts';

const guide = readFileSync(new URL('../../../docs/guide/openai.md', import.meta.url), 'utf8');
const quirks = readFileSync(
  new URL('../../../packages/adapters/src/openai/quirks.ts', import.meta.url),
  'utf8',
);

const table = guide.slice(guide.indexOf('| `server` | known at |'));
/** The rows of the guide's table of servers: a name, and the hosts by which it is known. */
const rows = [...table.matchAll(/^\| `([\w.-]+)` \| ((?:`[\w.*-]+\.[\w.*-]+`(?:, )?)+|–) \|/gm)];

describe('the guide to OpenAI', () => {
  it('names every server whose ways are known', () => {
    const known = [...quirks.matchAll(/^ {2}\| '([\w.-]+)'/gm)].map(([, name]) => name);

    expect(known.length).toBeGreaterThan(10);
    expect(rows.map(([, name]) => name)).toEqual(known);
  });

  it('names the hosts by which they are known', () => {
    for (const [, name, hosts = ''] of rows) {
      for (const [, host = ''] of hosts.matchAll(/`([^`]+)`/g)) {
        expect([host, serverAt(host.replace('*', 'my-resource'))]).toEqual([host, name]);
      }
    }
  });
});
