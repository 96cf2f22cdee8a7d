import axe from 'axe-core';
import { expect, it } from 'vitest';
import { show, type Shown, storySource, until } from './page.ts';

const SIZES = [
  { width: 1440, height: 900 },
  { width: 900, height: 900 },
  { width: 390, height: 844 },
  { width: 1440, height: 360 },
];

for (const theme of ['light', 'dark'] as const) {
  for (const size of SIZES) {
    it(`has nothing for axe to find, ${theme} at ${size.width} × ${size.height}`, async () => {
      const shown = await show(storySource(), { ...size, theme });
      await isDrawn(shown);

      expect(await violations(shown)).toEqual([]);
    });
  }

  it(`has nothing for axe to find with the drawer open, ${theme}`, async () => {
    const shown = await show(storySource(), { theme });
    await isDrawn(shown);

    shown.part('button.pool-name').click();
    await until('the drawer is filled', () => shown.root.querySelector('.lane') !== null);

    expect(await violations(shown)).toEqual([]);
  });
}

it('lives with the landmarks and headings of the page that it is in', async () => {
  const shown = await show(storySource());
  await isDrawn(shown);
  document.title = 'A page';
  const own = '<header>Shop</header><main><h1>Orders</h1></main><footer>End</footer>';
  document.body.insertAdjacentHTML('afterbegin', own);

  shown.part('button.pool-name').click();
  await until('the drawer is filled', () => shown.root.querySelector('.lane') !== null);

  expect(await violations(shown, document)).toEqual([]);
});

it('opens the drawer over the whole of a narrow page, and closes it with a target of 44 px', async () => {
  const shown = await show(storySource(), { width: 390, height: 844 });
  await isDrawn(shown);

  shown.part('button.pool-name').click();
  await until('the drawer is filled', () => shown.root.querySelector('.lane') !== null);
  await isStill(shown);

  const { width, height } = shown.part('.drawer').getBoundingClientRect();
  expect([width, height]).toEqual([390, 844]);
  expect(shown.part('.drawer [data-close]').getBoundingClientRect().height).toBe(44);
  expect(await violations(shown)).toEqual([]);
});

it('has nothing for axe to find in the table of keys', async () => {
  const shown = await show(storySource());
  await isDrawn(shown);

  shown.part('.rail-keys').click();
  await until('the table is open', () => shown.root.querySelector('dialog[open]') !== null);

  expect(await violations(shown)).toEqual([]);
});

it.each([1440, 390])(
  'has nothing for axe to find in the tables that stand in place of pictures, at %i px',
  async (width) => {
    const shown = await show(storySource(), { width, height: 900 });
    await isDrawn(shown);

    const press = new KeyboardEvent('keydown', { key: 'T', shiftKey: true, bubbles: true });
    shown.part('.main').dispatchEvent(press);
    await until('they are there', () => shown.root.querySelector('.tables td') !== null);

    expect(await violations(shown)).toEqual([]);
    expect(shown.part('.main').scrollWidth).toBeLessThanOrEqual(width);
  },
);

it('gives every picture a sentence', async () => {
  const shown = await show(storySource());
  await isDrawn(shown);

  const pictures = [...shown.root.querySelectorAll('[role=img]')];
  const sentences = pictures.map((picture) => picture.getAttribute('aria-label') ?? '');

  expect(sentences).toContain('10 of 10 in use, 0 idle');
  expect(sentences.filter((sentence) => sentence === '')).toEqual([]);
});

it('gives touch targets of 24 px, and of 44 px in the bars of a narrow page', async () => {
  const wide = await show(storySource());
  await isDrawn(wide);
  expect(smallest(wide, 'button')).toBeGreaterThanOrEqual(24);
  wide.unmount();

  const narrow = await show(storySource(), { width: 390, height: 844 });
  await isDrawn(narrow);

  expect(smallest(narrow, '.tools button, .bottom-bar button')).toBeGreaterThanOrEqual(44);
});

async function isDrawn({ root }: Shown): Promise<void> {
  await until('the events are listed', () => root.querySelector('.events tr') !== null);
  await until('the tide is there', () => root.querySelector('.tide-line') !== null);
}

async function isStill({ root }: Shown): Promise<void> {
  await Promise.all(root.getAnimations().map(({ finished }) => finished));
}

async function violations(
  shown: Shown,
  what: Element | Document = shown.element,
): Promise<readonly string[]> {
  await isStill(shown);
  const result = await axe.run(what, { resultTypes: ['violations'] });
  return result.violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 120)).join(' | ')}`,
  );
}

/** The least height of what can be pressed; links within a sentence are exempt. */
function smallest({ root }: Shown, selector: string): number {
  const targets = [...root.querySelectorAll<HTMLElement>(selector)].filter(
    (target) => target.checkVisibility() && !target.matches('.link, .pool-name, .channel-name'),
  );
  return Math.min(...targets.map((target) => target.getBoundingClientRect().height));
}
