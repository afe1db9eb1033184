import { render } from 'preact';
import { LocationProvider, Route, Router } from 'preact-iso/router';
import { OfflineBar } from '../shared/offline-bar.tsx';
import { Preferences } from '../shared/preferences.tsx';
import { consoleWords } from './words.ts';

/** First part of every address of the console. */
const BASE = '/console';

function Console() {
  return (
    <LocationProvider scope={BASE}>
      <OfflineBar />
      <main id="content">
        <Router>
          <Route path={`${BASE}/`} component={Overview} />
          <Route default component={Overview} />
        </Router>
        <Preferences />
      </main>
    </LocationProvider>
  );
}

function Overview() {
  const words = consoleWords.value;
  return (
    <>
      <h1>{words.title}</h1>
      <p class="quiet">{words.about}</p>
    </>
  );
}

const root = document.getElementById('app');
if (root !== null) render(<Console />, root);
