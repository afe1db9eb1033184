import { render } from 'preact';
import { App } from './app.tsx';
import { isLoaded } from './words/shop-words.ts';

await isLoaded;
const root = document.getElementById('app');
if (root !== null) render(<App />, root);
