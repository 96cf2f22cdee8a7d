import { expect, it } from 'vitest';
import { show, type Shown, storySource, until } from './page.ts';

const PARTS = ['.top', '.main', '.tide', '.verdict h1', '.card'] as const;

it('opens the drawer beside what is read on a wide page, and moves nothing else', async () => {
  const shown = await show(storySource(), { width: 1440, height: 900 });
  await isDrawn(shown);
  const before = places(shown);

  await open(shown);

  const after = places(shown);
  const drawer = box(shown, '.drawer');
  expect(drawer).toEqual({ left: 1056, top: 48, right: 1440, bottom: 844 });
  expect(after['.main'].right).toBe(drawer.left);
  expect(after['.top']).toEqual(before['.top']);
  expect(after['.tide']).toEqual(before['.tide']);
  expect(after['.tide'].top).toBe(drawer.bottom);
  for (const part of PARTS) expect(corner(after[part])).toEqual(corner(before[part]));
});

it.each([1080, 900])(
  'lays the drawer over the right of what is read at %i px, which stays where it is',
  async (width) => {
    const shown = await show(storySource(), { width, height: 900 });
    await isDrawn(shown);
    const before = places(shown);

    await open(shown);

    const drawer = box(shown, '.drawer');
    expect(places(shown)).toEqual(before);
    expect(drawer).toEqual({ left: width - 384, top: 48, right: width, bottom: 844 });
    expect(drawer.bottom).toBe(before['.tide'].top);
    expect(shown.part('.main').scrollWidth).toBe(shown.part('.main').clientWidth);
  },
);

it('makes the drawer the page at 390 px, and shows the page again as it was', async () => {
  const shown = await show(storySource(), { width: 390, height: 844 });
  await isDrawn(shown);
  shown.part('.main').scrollTop = 120;
  const before = places(shown);

  await open(shown);
  const drawer = box(shown, '.drawer');
  const beneath = shown.root.elementFromPoint(195, 820);
  shown.part('.drawer [data-close]').click();
  await until('it is closed', () => shown.root.querySelector('.drawer') === null);

  expect(drawer).toEqual({ left: 0, top: 0, right: 390, bottom: 844 });
  expect(beneath?.closest('.drawer')).not.toBeNull();
  expect(places(shown)).toEqual(before);
});

it.each([1440, 1080, 900, 390])(
  'shows another subject in the drawer without moving the page, at %i px',
  async (width) => {
    const shown = await show(storySource(), { width, height: 900 });
    await isDrawn(shown);
    await open(shown);
    const before = { ...places(shown), drawer: box(shown, '.drawer') };

    shown.part('button.channel-name').click();
    await until('it shows the channel', () => shown.root.querySelector('.drawer-ribbon') !== null);
    await isStill(shown);

    expect({ ...places(shown), drawer: box(shown, '.drawer') }).toEqual(before);
  },
);

async function isDrawn(shown: Shown): Promise<void> {
  await until('the events are listed', () => shown.root.querySelector('.events tr') !== null);
  await until('the tide is there', () => shown.root.querySelector('.tide-line') !== null);
}

async function open(shown: Shown): Promise<void> {
  shown.part('button.pool-name').click();
  await until('the drawer is filled', () => shown.root.querySelector('.lane') !== null);
  await isStill(shown);
}

async function isStill({ root }: Shown): Promise<void> {
  await Promise.all(root.getAnimations().map(({ finished }) => finished));
}

interface Box {
  readonly left: number;
  readonly top: number;
  readonly right: number;
  readonly bottom: number;
}

function box({ part }: Shown, selector: string): Box {
  const { left, top, right, bottom } = part(selector).getBoundingClientRect();
  return { left, top, right, bottom };
}

function places(shown: Shown): Readonly<Record<(typeof PARTS)[number], Box>> {
  const entries = PARTS.map((selector) => [selector, box(shown, selector)] as const);
  return Object.fromEntries(entries) as Record<(typeof PARTS)[number], Box>;
}

function corner({ left, top }: Box): Pick<Box, 'left' | 'top'> {
  return { left, top };
}
