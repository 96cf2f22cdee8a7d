import css from './dashboard.css?inline';

/** The dashboard's whole stylesheet as text; every rule is below `.sluice`. */
export const stylesheetText: string = css;

/** Makes a stylesheet part of a document or a shadow root. Needs no `style` element, so that it works under a strict CSP. */
export function adoptStylesheet(root: Document | ShadowRoot): void {
  const view = (root.ownerDocument ?? (root as Document)).defaultView;
  if (view === null || root.adoptedStyleSheets.some(isOurs)) return;
  const sheet = new view.CSSStyleSheet();
  sheet.replaceSync(stylesheetText);
  OURS.add(sheet);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
}

/** Sheets that were adopted before. Weak, so that a document that goes away takes its sheet with it. */
const OURS: WeakSet<CSSStyleSheet> = new WeakSet();

function isOurs(sheet: CSSStyleSheet): boolean {
  return OURS.has(sheet);
}
