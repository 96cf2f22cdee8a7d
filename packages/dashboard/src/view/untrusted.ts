/** How much of a text from outside is shown. */
const SHOWN = 2_000;

/** Characters that change what stands around them or cannot be seen: controls, direction marks, separators. */
const UNSEEN =
  // oxlint-disable-next-line no-control-regex -- finding them is the point
  /[\u0000-\u001F\u007F-\u009F\u061C\u200B-\u200F\u2028-\u202E\u2060-\u206F\uFEFF\uFFF9-\uFFFB]/g;

/**
 * Makes a text from outside (a name, an error's message) safe to stand in a line: what cannot be seen or would turn the
 * text around is written as its code, and what is longer than 2,000 characters is cut with a note.
 */
export function shown(text: string, limit: number = SHOWN): string {
  const cut = text.length > limit ? text.slice(0, limit) : text;
  const seen = cut.replace(UNSEEN, codeOf);
  return text.length > limit ? `${seen}… (${text.length} characters)` : seen;
}

/** Names a run in a line: short ids as they are, long ones by their end, which is what differs. */
export function shownRun(label: string | undefined): string {
  if (label === undefined || label === '') return 'no label';
  if (!/^[\w-]+$/.test(label)) return shown(label, 80);
  return label.length <= 8 ? `run ${label}` : `run ${label.slice(-6)}`;
}

function codeOf(character: string): string {
  return `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`;
}
