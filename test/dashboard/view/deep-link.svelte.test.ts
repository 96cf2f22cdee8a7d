import { beforeEach, expect, it } from 'vitest';
import { localSource } from '../../../packages/dashboard/src/sources/local.ts';
import { DashboardView } from '../../../packages/dashboard/src/view/dashboard-view.svelte.ts';
import { followLink, linkOf } from '../../../packages/dashboard/src/view/deep-link.ts';
import { clockTime } from '../../../packages/dashboard/src/view/format.ts';
import { SHOT_AT, toldStory } from '../../support/dashboard-engine.ts';
import { TestHost } from '../../support/test-host.ts';

let host: TestHost;
let view: DashboardView;

beforeEach(async () => {
  host = new TestHost(SHOT_AT);
  const { engine, history } = toldStory(SHOT_AT);
  view = new DashboardView(host);
  view.open(
    localSource({
      snapshot: () => engine.snapshot(),
      events$: engine.events$,
      history: () => history,
    }),
  );
  for (let i = 0; i < 300; i += 1) await host.clock.advance(100);
  return () => view.close();
});

it('leads back to what is open, to the window and to the moment', () => {
  view.openDrawer({ kind: 'pool', name: 'anthropic' });
  view.setWindow(900_000);
  view.lookAt(view.frame.at - 12_000);
  const { at } = view.frame;
  const link = linkOf(view);
  expect(link).toBe(`#/overview/pools/anthropic?at=${clockTime(at)}&w=15m`);

  view.closeDrawer();
  view.setWindow(60_000);
  view.backToLive();
  followLink(view, link);

  expect(view.stack.current).toEqual({ kind: 'pool', name: 'anthropic' });
  expect(view.windowMs).toBe(900_000);
  expect(view.frame.at).toBe(at);
});

it('carries any name, and says nothing that need not be said', () => {
  expect(linkOf(view)).toBe('#/overview');
  const name = 'a/b?c#d %';

  view.openDrawer({ kind: 'channel', name });
  const link = linkOf(view);
  view.closeDrawer();
  followLink(view, link);

  expect(view.stack.current).toEqual({ kind: 'channel', name });
});

it('stays where it is when a link makes no sense or speaks of a time that is not recorded', () => {
  view.openDrawer({ kind: 'pool', name: 'openai' });

  followLink(view, '#t=something');
  followLink(view, '#/pools/x');
  expect(view.stack.current).toEqual({ kind: 'pool', name: 'openai' });
  followLink(view, `#/overview/pools/openai?at=${clockTime(view.frame.at - 3_600_000)}&w=7m`);

  expect(view.isPaused).toBe(false);
  expect(view.windowMs).toBe(300_000);
  followLink(view, '#/overview/pools/%E0%A4%A');
  expect(view.stack.current).toBeUndefined();
});
