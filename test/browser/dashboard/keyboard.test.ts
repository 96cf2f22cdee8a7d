import { beforeEach, expect, it } from 'vitest';
import { userEvent } from 'vitest/browser';
import { show, type Shown, storySource, until } from './page.ts';

let shown: Shown;

beforeEach(async () => {
  shown = await show(storySource());
  await until('the rows are there', () => shown.root.querySelector('[data-row]') !== null);
  await until('the tide is there', () => shown.root.querySelector('.tide-line') !== null);
});

it('is used by keyboard alone: from row to row, into the drawer, and back to the row', async () => {
  await focusInside();

  await userEvent.keyboard('jj');
  expect(focused()?.textContent).toContain('openai');
  await userEvent.keyboard('{Enter}');
  await until('the drawer is open', () => drawerTitle() === 'openai');
  await userEvent.keyboard('{Escape}');

  await until('the drawer is closed', () => shown.root.querySelector('.drawer') === null);
  expect(focused()?.textContent).toContain('openai');
});

it('finds a channel by a part of its name', async () => {
  await focusInside();

  await userEvent.keyboard('/slack');
  await until('it is found', () => shown.root.querySelector('[role=option]') !== null);
  await userEvent.keyboard('{Enter}');

  await until('the drawer is open', () => drawerTitle() === 'slack-support');
});

it('pauses, moves the window, and returns to now', async () => {
  await focusInside();

  await userEvent.keyboard(' ');
  await until('it is paused', () => ago() !== '');
  await userEvent.keyboard('{Shift>}{ArrowLeft}{/Shift}-');
  await until('the window is wider', () => chosenWindow() === '15m');
  expect(ago()).not.toBe('');
  await userEvent.keyboard('l');

  await until('it is live', () => ago() === '');
});

it('goes through the parts of the page with F6, and shows its keys', async () => {
  await focusInside();
  const visited: string[] = [];

  for (let i = 0; i < 4; i += 1) {
    await userEvent.keyboard('{F6}');
    visited.push(focused()?.closest('[data-region]')?.className.split(' ')[0] ?? '');
  }
  await userEvent.keyboard('?');

  expect([...visited].toSorted()).toEqual(['main', 'rail', 'tide', 'top']);
  await until('the keys are shown', () => shown.root.querySelector('dialog[open]') !== null);
});

it('goes to the first and the last row, and on the tide line to the oldest moment and to now', async () => {
  await focusInside();

  await userEvent.keyboard('{End}');
  expect(focused()?.textContent).toContain('webhook-crm');
  await userEvent.keyboard('{Home}');
  expect(focused()?.textContent).toContain('anthropic');
  shown.part('.tide-line').focus();
  await userEvent.keyboard(' ');
  await until('it is paused', () => ago() !== '');
  await userEvent.keyboard('{End}');

  await until('it is live', () => ago() === '');
});

it('shows tables in place of pictures with Shift+T, and the pictures again', async () => {
  await focusInside();

  await userEvent.keyboard('{Shift>}T{/Shift}');
  await until('the tables are filled', () => shown.root.querySelectorAll('.tables td').length > 40);
  const captions = [...shown.root.querySelectorAll('.tables caption')].map((c) => c.textContent);
  expect(captions).toEqual([
    'Pools',
    'Demand, in clients of the capacity',
    'Channels',
    'The last 20 minutes',
  ]);
  expect(shown.part('.tables').textContent).toContain('Restarted: heartbeat missed');
  expect(shown.root.querySelector('.pool, .ribbon')).toBeNull();
  await userEvent.keyboard('j{Enter}');
  await until(
    'the drawer has tables too',
    () => shown.root.querySelector('.durations td') !== null,
  );
  await userEvent.keyboard('{Escape}{Shift>}T{/Shift}');

  await until('the pictures are back', () => shown.root.querySelector('.ribbon canvas') !== null);
});

it('makes the drawer wider and narrower by keys and by pulling its edge, and remembers it', async () => {
  shown.part('button.pool-name').click();
  await until('the drawer is filled', () => shown.root.querySelector('.lane') !== null);
  const edge = shown.part('[role=separator]');
  edge.focus();

  await userEvent.keyboard('{ArrowLeft}{Shift>}{ArrowLeft}{/Shift}');
  expect(drawerWidth()).toBe(384 + 16 + 64);
  await userEvent.keyboard('{Shift>}{ArrowRight}{ArrowRight}{ArrowRight}{/Shift}');
  expect(drawerWidth()).toBe(320);
  const pull = { bubbles: true, buttons: 1, clientX: 1440 - 500, pointerId: 1 };
  edge.dispatchEvent(new PointerEvent('pointermove', pull));

  await until('it is as wide as it was pulled', () => drawerWidth() === 500);
  expect(edge.getAttribute('aria-valuenow')).toBe('500');
  expect(localStorage.getItem('sluice-dashboard')).toContain('"drawerPx":500');
});

it('leaves the keys of a field to the field', async () => {
  shown.part('[data-find]').focus();

  await userEvent.keyboard('t l?');

  expect(shown.part('[data-find]')).toHaveProperty('value', 't l?');
  expect(shown.root.querySelector('dialog[open]')).toBeNull();
});

it('does not take the keys of the page around it', async () => {
  const field = document.createElement('input');
  document.body.append(field);
  field.focus();

  await userEvent.keyboard('j/?');

  expect(field.value).toBe('j/?');
});

async function focusInside(): Promise<void> {
  shown.part('.main').focus();
  await import('../../../packages/dashboard/src/ui/keyboard.ts'); // the keys come with the first focus
  await new Promise((resolve) => requestAnimationFrame(resolve));
}

function focused(): Element | null {
  return shown.root.activeElement;
}

function drawerTitle(): string | undefined {
  return shown.root.querySelector('.drawer h2')?.textContent?.trim();
}

function drawerWidth(): number {
  return Math.round(shown.part('.drawer').getBoundingClientRect().width);
}

function chosenWindow(): string {
  return shown.part('.segments [aria-pressed=true]').textContent ?? '';
}

function ago(): string {
  return shown.root.querySelector('.clock .is-back')?.textContent ?? '';
}
