/** Finds an element of the page by its id. @throws {TypeError} when there is none: page and script differ. */
export function element(id: string): HTMLElement {
  const found = document.getElementById(id);
  if (found === null) throw new TypeError(`The page has no element "${id}"`);
  return found;
}

/** Finds an input of the page by its id. @throws {TypeError} when there is none. */
export function input(id: string): HTMLInputElement {
  const found = element(id);
  if (found instanceof HTMLInputElement) return found;
  throw new TypeError(`"${id}" is no input`);
}
