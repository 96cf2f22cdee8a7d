import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { entries } from './entries.ts';
import { exportFindings, publicNames } from './public-api.ts';
import { read, readSources } from './source-files.ts';

describe('the public names', () => {
  it.each(entries())('of $name are the ones written down', ({ name, path }) => {
    const names = `${publicNames(read(path)).join('\n')}\n`;

    if (process.env['UPDATE_API'] === '1') writeSnapshot(name, names);

    expect(names, 'run UPDATE_API=1 if the change is meant').toBe(readSnapshot(name));
  });
});

describe('the exports of the sources', () => {
  it('are named, documented, without enums and without Subjects', () => {
    expect(exportFindings(readSources())).toEqual([]);
  });
});

describe('the list of public names', () => {
  it('tells values from types, sorted by name', () => {
    const text = `
      export { pool, type Options } from './pool.ts';
      export type { Clock } from './clock.ts';
      export const alpha: number = 1;
      export interface Zeta {}`;

    expect(publicNames({ path: 'index.ts', text })).toEqual([
      'type Clock',
      'type Options',
      'type Zeta',
      'value alpha',
      'value pool',
    ]);
  });
});

describe('the check of exports', () => {
  const subjects = `import { Subject, type BehaviorSubject, ReplaySubject } from 'rxjs';\n`;

  it.each([
    [`export const x: number = 1;`, 'has no doc comment'],
    [`export default 1;`, 'has a default export'],
    [`/** A. */ export default class A {}`, 'is a default export'],
    [`export * from './b.ts';`, 'exports *'],
    [`/** A. */ export enum A { B }`, 'is an enum'],
    [`/** A. */ export const a$: Subject<number> = make();`, 'shows a Subject'],
    [`/** A. */ export class A extends Subject<number> {}`, 'shows a Subject'],
    [`/** A. */ export class A { readonly a$!: BehaviorSubject<number>; }`, 'shows a Subject'],
    [`/** A. */ export function a(b: ReplaySubject<number>): void {}`, 'shows a Subject'],
  ])('refuses %s', (text, problem) => {
    const findings = exportFindings([{ path: 'a.ts', text: subjects + text }]);

    expect(findings).toEqual([expect.stringContaining(problem)]);
  });

  it.each([
    `/** A. */ export class A { readonly #b$: Subject<number>; private c$: Subject<number>; }`,
    `/** A. */ export function a(): void { const b: Subject<number> = make(); }`,
    `/** A. */ export function a(b: string): void; export function a(b: number): void {}`,
    `/** A. */ export const a$: Observable<number> = new Subject<number>();`,
    `const x = 1; export { a } from './b.ts';`,
  ])('accepts %s', (text) => {
    expect(exportFindings([{ path: 'a.ts', text: subjects + text }])).toEqual([]);
  });
});

function snapshotPath(name: string): string {
  const file = name.replace('@sluice/', '').replaceAll('/', '.');
  return fileURLToPath(new URL(`./api/${file}.txt`, import.meta.url));
}

function readSnapshot(name: string): string {
  const path = snapshotPath(name);
  return existsSync(path) ? readFileSync(path, 'utf8') : '(not written down yet)';
}

function writeSnapshot(name: string, names: string): void {
  const path = snapshotPath(name);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, names);
}
