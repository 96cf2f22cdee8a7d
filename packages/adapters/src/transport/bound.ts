/** Cuts a text at `maxLength` UTF-16 units, and says that it did with an ellipsis. */
export function bounded(text: string, maxLength: number): string {
  return text.length <= maxLength ? text : `${text.slice(0, maxLength - 1)}…`;
}
