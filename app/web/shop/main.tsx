import { render } from 'preact';
import { App } from './app.tsx';
import { askEarly } from './catalogue/early-list.ts';
import { isLoaded } from './words/shop-words.ts';

askEarly();
await isLoaded;
const root = document.getElementById('app');
if (root !== null) {
  // The bar that page.html shows until the words are there.
  root.replaceChildren();
  render(<App />, root);
}
