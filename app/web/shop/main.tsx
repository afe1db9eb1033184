import { render } from 'preact';
import { LocationProvider, Route, Router } from 'preact-iso/router';
import { OfflineBar } from '../shared/offline-bar.tsx';
import { Preferences } from '../shared/preferences.tsx';
import { shopWords } from './words.ts';

/** First part of every address of the shop. */
const BASE = '/shop';

function Shop() {
  return (
    <LocationProvider scope={BASE}>
      <OfflineBar />
      <main id="content">
        <Router>
          <Route path={`${BASE}/`} component={Catalogue} />
          <Route default component={Catalogue} />
        </Router>
        <Preferences />
      </main>
    </LocationProvider>
  );
}

function Catalogue() {
  const words = shopWords.value;
  return (
    <>
      <h1>{words.title}</h1>
      <p class="quiet">{words.about}</p>
    </>
  );
}

const root = document.getElementById('app');
if (root !== null) render(<Shop />, root);
