/** Draws 128 bits as 32 hexadecimal digits. `crypto.randomUUID` is missing on pages that are not secure. */
export function uniqueId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
