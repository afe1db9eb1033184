import { render } from 'preact';
import { App } from './app.tsx';
import { isLoaded } from './words/shop-words.ts';

await isLoaded;
const root = document.getElementById('app');
if (root !== null) {
  // The bar that page.html shows until the words are there.
  root.replaceChildren();
  render(<App />, root);
}
