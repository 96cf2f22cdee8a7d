import { localSource } from '../../../packages/dashboard/src/sources/local.ts';
import { mountDashboard } from '../../../packages/dashboard/src/element/index.ts';
import { SHOT_AT, toldStory } from '../dashboard-engine.ts';

// The page's clock is moved by whoever takes the picture, from two seconds before its moment.
const { engine, history } = toldStory(SHOT_AT, SHOT_AT - Date.now());
const theme = new URLSearchParams(location.search).get('theme') === 'dark' ? 'dark' : 'light';
mountDashboard(document.body, {
  theme,
  source: localSource({
    snapshot: () => engine.snapshot(),
    history: () => history,
    events$: engine.events$,
  }),
});
setInterval(() => engine.advance(Date.now() - engine.snapshot().at), 100);
