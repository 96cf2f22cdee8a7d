import { describe, expect, it } from 'vitest';
import { globalFindings } from './forbidden-globals.ts';
import { markupFindings } from './raw-markup.ts';
import { readSources } from './source-files.ts';

describe('the sources', () => {
  it('touch globals with effects only where the plan says so', () => {
    expect(globalFindings(readSources())).toEqual([]);
  });

  it('write no raw markup and no inline style', () => {
    expect(markupFindings(readSources())).toEqual([]);
  });
});

describe('the search for globals', () => {
  it.each([
    `export const x = fetch('/');`,
    `setTimeout(() => {}, 1);`,
    `export const x = Date.now();`,
    `export const x = new Date();`,
    `export const x = Math.random();`,
    `export const x = globalThis.fetch;`,
    `export const x = globalThis['console'];`,
    `export const x = globalThis;`,
    `export const options = { fetch };`,
    `export const f = (clock = performance): number => clock.now();`,
    `export const x = typeof process === 'undefined';`,
    `declare const process: { env: object }; export const x = process.env;`,
    `export const x = AbortSignal.timeout(5);`,
  ])('finds %s', (text) => {
    expect(globalFindings([{ path: 'packages/core/src/pool/a.ts', text }])).toHaveLength(1);
  });

  it.each([
    `export const x = 'fetch'; // fetch()`,
    `export interface Options { readonly fetch?: typeof fetch }`,
    `export function f({ fetch }: { fetch: () => void }): void { fetch(); }`,
    `import { setTimeout } from './b.ts'; export const x = setTimeout;`,
    `export const f = (o: { console: number; process(): void }): number => (o.process(), o.console);`,
    `export const x = { fetch: 1, process() {} };`,
    `export const x = Date.parse('2026-01-01') + new Date(5).getTime() + Math.max(1, 2);`,
    `export const x = AbortSignal.any([]);`,
  ])('passes over %s', (text) => {
    expect(globalFindings([{ path: 'packages/core/src/pool/a.ts', text }])).toEqual([]);
  });

  it.each([
    'core/src/base/clock.ts',
    'adapters/src/transport/http.ts',
    'adapters/src/gateway/node/index.ts',
  ])('leaves %s alone', (path) => {
    const text = `setTimeout(() => {}, 1);`;

    expect(globalFindings([{ path: `packages/${path}`, text }])).toEqual([]);
  });
});

describe('the search for markup', () => {
  it('finds raw markup and inline styles', () => {
    const text = `<p style="color: red">{name}</p>\n{@html name}\n<p style:color={hue}></p>`;

    expect(markupFindings([{ path: 'packages/dashboard/src/ui/A.svelte', text }])).toEqual([
      `packages/dashboard/src/ui/A.svelte:1: has an inline style, which the page's policy blocks`,
      'packages/dashboard/src/ui/A.svelte:2: writes raw markup',
    ]);
  });
});
