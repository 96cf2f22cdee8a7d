import { mountDashboard } from '../../element/index.ts';
import { sseSource } from '../../sources/sse.ts';

// The page that a server serves: it trades the token in its address for a session, then shows the feed.

await beginSession();
mountDashboard(document.body, {
  source: sseSource({ url: new URL('api/feed', location.href).pathname }),
});

/** The token is in the fragment, which browsers send nowhere; it is erased before anything else is loaded. */
async function beginSession(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('t');
  if (token === null) return;
  history.replaceState(null, '', location.pathname);
  await fetch('api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  });
}
