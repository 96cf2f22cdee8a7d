// oxlint-disable-next-line typescript/triple-slash-reference -- an ambient module cannot be imported
/// <reference path="./css.d.ts" />
import css from './dashboard.css?inline';

/** The stylesheet of the first view as text; every rule is below `.sluice`. */
export const stylesheetText: string = css;

/**
 * Makes a stylesheet part of the document or shadow root that an element is in. Needs no `style` element, so that it
 * works under a strict CSP. Adopting the same text again does nothing.
 */
export function adoptStylesheet(tree: Node, text: string = stylesheetText): void {
  if (!(tree instanceof Document || tree instanceof ShadowRoot)) return;
  const view = (tree.ownerDocument ?? tree).defaultView;
  if (view === null || tree.adoptedStyleSheets.some((sheet) => TEXTS.get(sheet) === text)) return;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(text);
  TEXTS.set(sheet, text);
  tree.adoptedStyleSheets = [...tree.adoptedStyleSheets, sheet];
}

/** Which text a sheet was made of. Weak, so that a document that goes away takes its sheets with it. */
const TEXTS: WeakMap<CSSStyleSheet, string> = new WeakMap();
