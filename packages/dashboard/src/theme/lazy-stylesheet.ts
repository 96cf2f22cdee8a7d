import css from './lazy.css?inline';
import { adoptStylesheet } from './stylesheet.ts';

/** Brings the styles of what is not in the first view: the drawer, the table of keys, what was found. */
export function adoptLazyStylesheet(element: Element): void {
  adoptStylesheet(element.getRootNode(), css);
}
