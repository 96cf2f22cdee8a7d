import type { DashboardView } from './dashboard-view.svelte.ts';
import { toNotable } from './moments.ts';

/** A key that was pressed, as far as it matters. */
export interface KeyPress {
  readonly key: string;
  readonly shiftKey: boolean;
}

/** One line of the table of keys. */
export interface KeyHelp {
  readonly keys: string;
  readonly does: string;
}

/** What the keys do, for the table of keys. Single keys work while the focus is inside and not in a field. */
export const KEY_TABLE: readonly KeyHelp[] = [
  { keys: '/', does: 'find' },
  { keys: 'j k ↓ ↑', does: 'next or previous row' },
  { keys: 'Enter', does: 'open the row in the drawer' },
  { keys: '[ ]', does: 'back and forward in the drawer' },
  { keys: 'Esc', does: 'close the drawer' },
  { keys: 'Space', does: 'pause or resume' },
  { keys: 'L', does: 'back to live' },
  { keys: '← →', does: 'move the window by 10%, with Shift by 50%' },
  { keys: '+ −', does: 'a narrower or a wider window' },
  { keys: 'n p', does: 'next or previous notable event' },
  { keys: 'Home End', does: 'first or last row; on the tide line the oldest moment, or now' },
  { keys: 't', does: 'theme' },
  { keys: 'Shift+T', does: 'tables in place of pictures' },
  { keys: 'F6', does: 'next part of the page' },
  { keys: '?', does: 'this table' },
];

/** Does what a key asks of the view. Tells whether it meant anything; what moves the focus is the page's to do. */
export function pressKey(view: DashboardView, { key, shiftKey }: KeyPress): boolean {
  const action = actionOf(view, key, shiftKey);
  if (action === undefined) return false;
  action();
  return true;
}

function actionOf(view: DashboardView, key: string, shiftKey: boolean): (() => void) | undefined {
  const step = shiftKey ? 0.5 : 0.1;
  switch (key) {
    case ' ':
      return () => view.togglePause();
    case 'l':
    case 'L':
      return () => view.backToLive();
    case 'ArrowLeft':
      return () => view.move(-step);
    case 'ArrowRight':
      return () => view.move(step);
    case '+':
    case '=':
      return () => view.zoom(-1);
    case '-':
      return () => view.zoom(1);
    case 'n':
      return () => toNotable(view, 1);
    case 'p':
      return () => toNotable(view, -1);
    case '[':
      return () => view.stepDrawer(-1);
    case ']':
      return () => view.stepDrawer(1);
    case 'T':
      return () => {
        view.isTables = !view.isTables;
      };
    case '?':
      return () => {
        view.isHelpOpen = !view.isHelpOpen;
      };
    default:
      return undefined;
  }
}
