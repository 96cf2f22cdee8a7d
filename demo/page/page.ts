import { mountDashboard } from '@sluice/dashboard/element';
import { sseSource } from '@sluice/dashboard/sources';
import { startChat } from './chat.ts';
import { startControls } from './controls.ts';
import { element } from './element.ts';

const source = sseSource({ url: '/dashboard/api/feed' });

// The chat and the controls work at once; the dashboard once its token was traded for a session.
startChat();
startControls();
await beginSession();
mountDashboard(element('dashboard'), { source });
// A demo that was started again prints a new link: opened in the same tab it only changes the fragment.
addEventListener('hashchange', () => void beginSession().then(() => source.retryNow?.()));

/**
 * Trades the token for a session. It is in the fragment, which browsers send nowhere, and it is erased before anything is
 * asked. Never rejects: what was refused or could not be reached, the dashboard says.
 */
async function beginSession(): Promise<void> {
  const token = new URLSearchParams(location.hash.slice(1)).get('t');
  if (token === null) return;
  history.replaceState(null, '', location.pathname);
  await fetch('/dashboard/api/session', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token }),
  }).catch(() => undefined);
}
