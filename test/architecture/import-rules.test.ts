import { describe, expect, it } from 'vitest';
import { cycleFindings } from './import-cycles.ts';
import { importFindings, importRules } from './import-rules.ts';
import { readSources } from './source-files.ts';

describe('the imports of the sources', () => {
  it('follow the plan of the folders', () => {
    expect(importFindings(readSources())).toEqual([]);
  });

  it('form no circle of values', () => {
    expect(cycleFindings(readSources())).toEqual([]);
  });
});

describe('the plan of the imports', () => {
  it.each([
    ['up', 'core/src/pool/a.ts', `import { x } from '../client/b.ts';`],
    ['sideways', 'core/src/pool/a.ts', `import { x } from '../channel/b.ts';`],
    ['a type from above', 'core/src/base/a.ts', `import type { X } from '../events/b.ts';`],
    ['message values into events', 'core/src/events/a.ts', `import { x } from '../message/b.ts';`],
    ['testing into src', 'core/src/sluice/a.ts', `export { x } from '../testing/b.ts';`],
    ['dynamically', 'core/src/base/a.ts', `const x = import('../sluice/b.ts');`],
    ['another package', 'core/src/base/a.ts', `import ky from 'ky';`],
    ['a Node module into core', 'core/src/base/a.ts', `import { join } from 'node:path';`],
    ['RxJS operators into the pool', 'core/src/pool/a.ts', `import { map } from 'rxjs';`],
    ['streams into routing', 'core/src/routing/a.ts', `import { Observable } from 'rxjs';`],
    [
      'one provider into another',
      'adapters/src/openai/a.ts',
      `import { x } from '../ollama/b.ts';`,
    ],
    ['values of a wire format', 'adapters/src/mock/a.ts', `import { x } from '../openai/wire.ts';`],
    ['into a wire format', 'adapters/src/openai/wire.ts', `import type { X } from './stream.ts';`],
    ['ky past the transport', 'adapters/src/openai/a.ts', `import ky from 'ky';`],
    ['test tools', 'adapters/src/mock/a.ts', `import { x } from '@sluice/core/testing';`],
    ['ws into browsers', 'adapters/src/gateway/a.ts', `import { x } from 'ws';`],
    ['the engine', 'dashboard/src/state/a.ts', `import type { Pool } from '@sluice/core';`],
    ['rxjs', 'dashboard/src/sources/a.ts', `import { map } from 'rxjs';`],
    ['a view into state', 'dashboard/src/state/a.ts', `import { x } from '../view/b.svelte.ts';`],
    ['svelte into the server', 'dashboard/src/server/a.ts', `import { mount } from 'svelte';`],
    [
      'another package by path',
      'adapters/src/mock/a.ts',
      `import { x } from '../../../core/src/x.ts';`,
    ],
    ['a built extension', 'core/src/pool/a.ts', `import { x } from './b.js';`],
    ['into an unplanned folder', 'core/src/utils/a.ts', `import { x } from './b.ts';`],
  ])('refuses importing %s', (_what, path, text) => {
    expect(importFindings([{ path: `packages/${path}`, text }])).toHaveLength(1);
  });

  it.each([
    ['down', 'core/src/client/a.ts', `import { x } from '../pool/b.ts';`],
    [
      'types of messages into events',
      'core/src/events/a.ts',
      `import type { X } from '../message/b.ts';`,
    ],
    [
      'types of RxJS into the pool',
      'core/src/pool/a.ts',
      `import { Observable, type Subscriber } from 'rxjs'; import type { Observer } from 'rxjs';`,
    ],
    ['an Observable into the pool', 'core/src/pool/a.ts', `import { Observable } from 'rxjs';`],
    [
      'types of a wire format',
      'adapters/src/mock/a/b.ts',
      `import type { X } from '../../openai/wire.ts';`,
    ],
    [
      'Node where only Node runs',
      'adapters/src/gateway/node/a.ts',
      `import 'node:http'; import '../b.ts';`,
    ],
    [
      'types against the flow',
      'dashboard/src/state/a.ts',
      `import type { X } from '../view/b.ts';`,
    ],
    [
      'the dashboard language',
      'dashboard/src/state/a.ts',
      `import { fold } from '@sluice/core/events';`,
    ],
  ])('allows importing %s', (_what, path, text) => {
    expect(importFindings([{ path: `packages/${path}`, text }])).toEqual([]);
  });

  it('reads the scripts of components', () => {
    const text = `<script module lang="ts">
  import { x } from '../ui/b.ts';
</script>
<p>import 'rxjs'</p>
<script lang="ts">
  import { Pool } from '@sluice/core';
</script>`;

    expect(importFindings([{ path: 'packages/dashboard/src/ui/A.svelte', text }])).toEqual([
      'packages/dashboard/src/ui/A.svelte: imports @sluice/core, which its folder may not',
    ]);
  });

  it('lets no two folders of core import each other', () => {
    const rules = importRules['core'] ?? {};

    const mutual = Object.entries(rules).flatMap(([folder, { values }]) =>
      values.filter((other) => rules[other]?.values.includes(folder)),
    );

    expect(mutual).toEqual([]);
  });
});

describe('the search for circles', () => {
  it('names the files of a circle of values', () => {
    const files = [
      { path: 'packages/core/src/pool/a.ts', text: `import { b } from './b.ts';` },
      { path: 'packages/core/src/pool/b.ts', text: `export { c } from './c.ts';` },
      { path: 'packages/core/src/pool/c.ts', text: `import { type A } from './a.ts';` },
      { path: 'packages/core/src/pool/d.ts', text: `import { a } from './a.ts';` },
    ];

    expect(cycleFindings(files)).toEqual([
      'import cycle: packages/core/src/pool/a.ts ↔ packages/core/src/pool/b.ts ↔ packages/core/src/pool/c.ts',
    ]);
  });

  it('lets types go in circles', () => {
    const files = [
      { path: 'packages/core/src/pool/a.ts', text: `import { b } from './b.ts';` },
      { path: 'packages/core/src/pool/b.ts', text: `import type { A } from './a.ts';` },
    ];

    expect(cycleFindings(files)).toEqual([]);
  });
});
