import css from './later.css?inline';
import { adoptStylesheet } from './stylesheet.ts';

/** Brings the styles of what is loaded right after the first picture. */
export function adoptLaterStylesheet(element: Element): void {
  adoptStylesheet(element.getRootNode(), css);
}
