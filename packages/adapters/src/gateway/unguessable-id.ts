/** Makes 24 bytes of the runtime's cryptographic chance, as 32 URL-safe characters. */
export function unguessableId(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return btoa(String.fromCharCode(...bytes))
    .replaceAll('+', '-')
    .replaceAll('/', '_');
}
