import css from './drawer.css?inline';
import { adoptStylesheet } from './stylesheet.ts';

/** Brings the styles of the drawer. */
export function adoptDrawerStylesheet(element: Element): void {
  adoptStylesheet(element.getRootNode(), css);
}
