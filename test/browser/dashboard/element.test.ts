import type { SluiceEventDraft } from '@sluice/core/events';
import { expect, it } from 'vitest';
import type {
  DashboardSource,
  SourceStatus,
} from '../../../packages/dashboard/src/sources/source.ts';
import { aLife, anEmptyEngine, anOpening } from '../../support/engine-life.ts';
import { show, type Shown, storySource, until } from './page.ts';

it('shows names and errors from outside as the text that they are', async () => {
  const name = '<img src=x onerror="window.broken=1">\u202Egnp.\u0000';

  const shown = await show(tells([anOpening(name), ...failing(name, '<script>1</script>\u202E')]));
  await until('the row is there', () => shown.root.querySelector('[data-row]') !== null);

  const row = shown.part('[data-row]').textContent;
  expect(row).toContain('<img src=x onerror="window.broken=1">\\u202egnp.\\u0000');
  expect(shown.root.querySelector('img')).toBeNull();
  expect(window).not.toHaveProperty('broken');
});

it('bears a name of a megabyte without becoming wider than its page', async () => {
  const name = 'x'.repeat(1_000_000);

  const shown = await show(tells([anOpening(name), ...failing(name, 'y'.repeat(1_000_000))]));
  await until('the row is there', () => shown.root.querySelector('[data-row]') !== null);
  shown.part('[data-row]').click();
  await until('the drawer is there', () => shown.root.querySelector('.drawer') !== null);

  expect(shown.part('.main').scrollWidth).toBeLessThanOrEqual(shown.part('.main').clientWidth);
  expect(document.documentElement.scrollWidth).toBeLessThanOrEqual(1440);
  expect(shown.root.textContent?.length).toBeLessThan(60_000);
});

it('adopts a stylesheet for its first view and one for what comes after it, and has no style elements', async () => {
  const shown = await show(storySource());
  expect(shown.root.adoptedStyleSheets).toHaveLength(1);
  await until('the tide is there', () => shown.root.querySelector('.tide-line') !== null);

  expect(shown.root.adoptedStyleSheets).toHaveLength(2);
  expect(shown.root.querySelector('style, link')).toBeNull();
  expect(document.querySelector('head style[id^=svelte]')).toBeNull();
});

it('says what it waits for, and what to do when there is nothing', async () => {
  const waiting = await show({ subscribe: () => ({ unsubscribe: () => undefined }) });
  await until('it is drawn', () => waiting.root.querySelector('.skeleton') !== null);
  waiting.unmount();

  const empty = await show(tells([]));

  await until('it says so', () => text(empty).includes('Nothing has flowed yet'));
  shownButton(empty, 'Play a sample recording').click();
  await until('the sample plays', () => text(empty).includes('anthropic'));
});

it('says that the versions do not match, and that a token is wanted', async () => {
  const mismatch = { status: 'mismatch', ours: '1', theirs: '3.0' } as const;
  const first = await show(says(mismatch));
  await until('it says so', () => text(first).includes('This page speaks protocol 1'));
  first.unmount();

  const second = await show(says({ status: 'refused', address: 'http://127.0.0.1/feed' }));

  await until('it says so', () => text(second).includes('This address needs a token'));
});

it('keeps the last known state when the connection is lost, and offers to try now', async () => {
  let tried = 0;
  const source: DashboardSource = {
    subscribe(next) {
      tells([anOpening('openai')]).subscribe(next);
      const now = Date.now();
      const status = { status: 'lost', since: now - 12_000, retryAt: now + 4_000 } as const;
      next({ type: 'status', status });
      return { unsubscribe: () => undefined };
    },
    retryNow: () => {
      tried += 1;
    },
  };

  const shown = await show(source);

  await until('it says so', () => shown.root.querySelector('.notice') !== null);
  expect(text(shown)).toContain('Connection lost 12');
  expect(text(shown)).toContain('openai');
  shownButton(shown, 'Try now').click();
  expect(tried).toBe(1);
});

it('takes another source when it is given one, and lets go of the first', async () => {
  let isHeld = false;
  const shown = await show({
    subscribe(next) {
      isHeld = true;
      tells([anOpening('first')]).subscribe(next);
      return {
        unsubscribe: () => {
          isHeld = false;
        },
      };
    },
  });
  await until('the first is shown', () => text(shown).includes('first'));

  shown.element.source = tells([anOpening('second')], 'another engine');

  await until('the second is shown', () => text(shown).includes('second'));
  expect(isHeld).toBe(false);
});

it('lets go of its source when it leaves the page', async () => {
  let isHeld = false;
  const shown = await show({
    subscribe: () => {
      isHeld = true;
      return {
        unsubscribe: () => {
          isHeld = false;
        },
      };
    },
  });
  await until('it is held', () => isHeld);

  shown.unmount();

  await until('it is let go', () => !isHeld);
});

it('switches its theme by attribute', async () => {
  const shown = await show(storySource(), { theme: 'dark' });
  expect(shown.part('.sluice').dataset['theme']).toBe('dark');

  shown.element.setAttribute('theme', 'light');

  await until('it is light', () => shown.part('.sluice').dataset['theme'] === 'light');
});

it('keeps what is open in the address of a page of its own, and follows the address', async () => {
  const shown = await show(storySource(), { hash: true });
  await until('the tide is there', () => shown.root.querySelector('.tide-line') !== null);
  await until('the rows are there', () => shown.root.querySelector('.pool') !== null);
  expect(location.hash).toBe('');

  shown.part('button.channel-name').click();
  await until('the address says so', () => location.hash === '#/overview/channels/discord-main');
  location.hash = '#/overview/pools/openai?w=1m';
  await until('openai is open', () => drawerTitle(shown) === 'openai');
  shown.part('.drawer [data-close]').click();

  await until('the address says so', () => location.hash === '#/overview?w=1m');
  history.replaceState(undefined, '', location.pathname + location.search);
});

it('leaves the address of the page that it is in alone', async () => {
  const before = location.href;
  const shown = await show(storySource());
  await until('the rows are there', () => shown.root.querySelector('.pool') !== null);

  shown.part('button.pool-name').click();
  await until('it is open', () => drawerTitle(shown) === 'anthropic');

  expect(location.href).toBe(before);
});

it('looks back by pulling the window of the tide line, and resizes it by its edge', async () => {
  const shown = await show(storySource());
  await until('the tide is there', () => shown.root.querySelector('.tide-line') !== null);
  const line = shown.part('.tide-line');
  line.setPointerCapture = () => undefined; // there is no pointer to capture
  const { left, width } = line.getBoundingClientRect();
  const pull = (type: string, minutesAgo: number): void => {
    const clientX = left + width * (1 - minutesAgo / 20);
    line.dispatchEvent(new PointerEvent(type, { bubbles: true, buttons: 1, clientX }));
  };
  await oneSecond(shown);

  pull('pointerdown', 5);
  pull('pointermove', 14);
  await until('the window is wider', () => chosenWindow(shown) === '15m');
  pull('pointerdown', 15);
  pull('pointermove', 1);
  await until('the window is narrower', () => chosenWindow(shown) === '1m');
  pull('pointerdown', 0.5);
  expect(line.getAttribute('aria-valuetext')).toContain('live'); // taking hold of it moves nothing
  pull('pointermove', 12);

  await until('it looks back', () => line.getAttribute('aria-valuetext')?.includes('ago') === true);
});

/** Until there is a second to look back at. */
async function oneSecond(shown: Shown): Promise<void> {
  const clock = (): string => shown.part('.clock b').textContent ?? '';
  const first = clock();
  await until('time goes on', () => clock() !== first);
  const second = clock();
  await until('time goes on', () => clock() !== second);
}

function drawerTitle({ root }: Shown): string | undefined {
  return root.querySelector('.drawer h2')?.textContent?.trim();
}

function chosenWindow({ part }: Shown): string | null {
  return part('.segments [aria-pressed=true]').textContent;
}

it('lays itself out by its own size, not by the screen', async () => {
  const shown = await show(storySource(), { width: 390, height: 844 });
  await until('the bar is there', () => shown.root.querySelector('.bottom-bar') !== null);
  expect(shown.part('.bottom-bar').checkVisibility()).toBe(true);
  expect(shown.part('.rail').checkVisibility()).toBe(false);

  shown.element.style.width = '1300px';

  await until('it is wide', () => shown.part('.rail').checkVisibility());
});

/** A source that tells a snapshot in which some events have happened, and no more. */
function tells(drafts: readonly SluiceEventDraft[], name = 'an engine'): DashboardSource {
  return {
    subscribe(next) {
      next({ type: 'snapshot', snapshot: anEmptyEngine({ name }) });
      next({ type: 'status', status: { status: 'live' } });
      if (drafts.length > 0) next({ type: 'events', events: aLife(drafts) });
      return { unsubscribe: () => undefined };
    },
  };
}

function says(status: SourceStatus): DashboardSource {
  return {
    subscribe(next) {
      next({ type: 'status', status });
      return { unsubscribe: () => undefined };
    },
  };
}

function failing(pool: string, message: string): readonly SluiceEventDraft[] {
  const error = { name: 'Error', code: 'X', message };
  return [
    { type: 'client.creating', pool, slot: 1 },
    { type: 'client.createFailed', pool, slot: 1, error },
  ];
}

function text({ root }: Shown): string {
  return (root.textContent ?? '').replaceAll('\u00A0', ' ');
}

function shownButton({ root }: Shown, label: string): HTMLButtonElement {
  const button = [...root.querySelectorAll('button')].find(
    (candidate) => candidate.textContent?.trim() === label,
  );
  if (button === undefined) throw new Error(`There is no button ${label}`);
  return button;
}
