import { mountDashboard } from '../../element/index.ts';
import { sseSource } from '../../sources/sse.ts';

// The page that a server serves: it trades the token in its address for a session, then shows the feed.

const source = sseSource({ url: new URL('api/feed', location.href).pathname });

await beginSession();
mountDashboard(document.querySelector('main') ?? document.body, { source, hash: true });
// A new link pasted into an open tab changes the fragment alone, and loads nothing.
addEventListener('hashchange', () => void beginSession().then(() => source.retryNow?.()));

/**
 * The token is in the fragment, which browsers send nowhere; it is erased before anything else happens. Never rejects:
 * without a session the feed is refused, and the dashboard says so.
 */
async function beginSession(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('t');
  if (token === null) return;
  history.replaceState(null, '', location.pathname);
  try {
    await fetch('api/session', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token }),
    });
  } catch {
    // nobody listens: the feed will find out, and try again
  }
}
