/**
 * Writes the id of a tool call in as many letters and digits as a server insists on. The same id gives the same one, so
 * that a call and its result still find each other; an id that is right already stays.
 */
export function callIdOf(id: string, length: number): string {
  if (id.length === length && /^[A-Za-z0-9]+$/.test(id)) return id;
  // Two runs of FNV-1a: what nine letters hold of them, over 40 bits, is enough for the calls of one conversation.
  const text = hash(id, 0x811c9dc5).toString(36) + hash(id, 0x01234567).toString(36);
  return text.padEnd(length, '0').slice(0, length);
}

function hash(text: string, seed: number): number {
  let value = seed;
  for (let at = 0; at < text.length; at += 1) {
    value = Math.imul(value ^ text.charCodeAt(at), 0x01000193);
  }
  return value >>> 0;
}
