import type { DashboardView } from '../view/dashboard-view.svelte.ts';
import { pressKey } from '../view/keys.ts';
import { toOldest } from '../view/moments.ts';
import type { Subject } from '../view/verdict.ts';

/** What the keys of a panel act on. */
export interface KeyTarget {
  readonly root: HTMLElement;
  readonly view: DashboardView;
  readonly closeDrawer: () => void;
}

/** Does what a key asks. Single keys do nothing in a field, and Space and Enter are a control's own. */
export function handleKey(event: KeyboardEvent, target: KeyTarget): void {
  const { key, shiftKey, altKey, ctrlKey, metaKey } = event;
  const element = event.composedPath()[0];
  if (altKey || ctrlKey || metaKey || event.defaultPrevented) return;
  if (element instanceof Element && isTaken(element, key)) return;
  if (moveFocus(key, shiftKey, target) || pressKey(target.view, { key, shiftKey })) {
    event.preventDefault();
    event.stopPropagation();
  }
}

/** Focuses the row of a subject: where the drawer was opened from. */
export function focusRow(root: HTMLElement, view: DashboardView, { kind, name }: Subject): void {
  const rows = rowsOf(root);
  const index =
    kind === 'pool' ? view.pools.findIndex((row) => row.name === name) : channelIndex(view, name);
  rows[index]?.focus();
}

function channelIndex(view: DashboardView, name: string): number {
  const index = view.channels.findIndex((row) => row.name === name);
  return index < 0 ? -1 : view.pools.length + index;
}

function isTaken(element: Element, key: string): boolean {
  if (element.closest('dialog') !== null) return true;
  if (element.matches('input, textarea, select')) return key !== 'F6';
  return (key === ' ' || key === 'Enter') && element.matches('button, summary, a');
}

function moveFocus(key: string, shiftKey: boolean, target: KeyTarget): boolean {
  const { root, view, closeDrawer } = target;
  switch (key) {
    case '/':
      root.querySelector<HTMLElement>('[data-find]')?.focus();
      return true;
    case 'j':
    case 'ArrowDown':
      return stepRow(root, 1);
    case 'k':
    case 'ArrowUp':
      return stepRow(root, -1);
    case 'Home':
      return toEnd(target, -1);
    case 'End':
      return toEnd(target, 1);
    case 't':
      view.setTheme(root.dataset['theme'] === 'dark' ? 'light' : 'dark');
      return true;
    case 'Escape':
      if (view.stack.current === undefined) return false;
      closeDrawer();
      return true;
    case 'F6':
      return stepRegion(root, shiftKey ? -1 : 1);
    default:
      return false;
  }
}

/** Arrows scroll the drawer when the focus is in it, and go from row to row elsewhere. */
function stepRow(root: HTMLElement, steps: number): boolean {
  const active = activeElement(root);
  if (active?.closest('.drawer') !== null && active !== null) return false;
  const rows = rowsOf(root);
  if (rows.length === 0) return false;
  const index = rows.findIndex((row) => row === active);
  const first = steps > 0 ? 0 : rows.length - 1;
  const next = index < 0 ? first : index + steps;
  rows[Math.min(Math.max(0, next), rows.length - 1)]?.focus();
  return true;
}

/** On the tide line the ends are moments; in the drawer the browser scrolls; elsewhere they are rows. */
function toEnd({ root, view }: KeyTarget, end: -1 | 1): boolean {
  const active = activeElement(root);
  if (active?.closest('.drawer')) return false;
  if (active?.matches('.tide-line')) {
    if (end < 0) toOldest(view);
    else view.backToLive();
    return true;
  }
  rowsOf(root)
    .at(end < 0 ? 0 : -1)
    ?.focus();
  return true;
}

function stepRegion(root: HTMLElement, steps: number): boolean {
  const regions = [...root.querySelectorAll<HTMLElement>('[data-region]')].filter((region) =>
    region.checkVisibility(),
  );
  const active = activeElement(root);
  const index = regions.findIndex((region) => region.contains(active));
  const next = regions[(index + steps + regions.length) % regions.length];
  const focusable =
    next?.matches('[tabindex]') === true
      ? next
      : next?.querySelector<HTMLElement>('button:not([disabled]), [tabindex="0"], input');
  focusable?.focus();
  return true;
}

function rowsOf(root: HTMLElement): readonly HTMLElement[] {
  return [...root.querySelectorAll<HTMLElement>('[data-row]')];
}

function activeElement(root: HTMLElement): Element | null {
  const tree = root.getRootNode();
  return tree instanceof Document || tree instanceof ShadowRoot ? tree.activeElement : null;
}
