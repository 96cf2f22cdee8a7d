/** Where a server listens unless it was told otherwise. */
const DEFAULT_PORT = '11434';

/**
 * Reads `OLLAMA_HOST` as Ollama does: scheme and port may be left out, and an address to listen on at every interface is
 * one to ask on this machine. What it makes is still to be checked as a base URL.
 */
export function originOfHost(host: string): string {
  const text = host.trim();
  if (/^https?:\/\//i.test(text)) return text;
  if (text === 'ollama.com') return 'https://ollama.com'; // a key must not travel in the clear
  const [given = '', ...path] = text.split('/');
  const authority = /^[^[]*:.*:/.test(given) ? `[${given}]` : given; // IPv6 without its brackets
  const [, name = '', port = DEFAULT_PORT] = /^(.*?)(?::(\d+))?$/.exec(authority) ?? [];
  const isAnywhere = name === '' || name === '0.0.0.0' || name === '[::]';
  return [`http://${isAnywhere ? '127.0.0.1' : name}:${port}`, ...path].join('/');
}
