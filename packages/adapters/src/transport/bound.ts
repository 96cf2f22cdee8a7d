/** Cuts a text at `maxLength` UTF-16 units, and says that it did with an ellipsis. */
export function bounded(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}

/** The longest event of a stream, in UTF-16 units: 4 Mi. */
export const MAX_EVENT_LENGTH = 4_194_304;
