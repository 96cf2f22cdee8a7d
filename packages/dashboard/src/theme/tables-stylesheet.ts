import css from './tables.css?inline';
import { adoptStylesheet } from './stylesheet.ts';

/** Brings the styles of the tables that stand in place of pictures. */
export function adoptTablesStylesheet(element: Element): void {
  adoptStylesheet(element.getRootNode(), css);
}
