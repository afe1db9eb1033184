import { useEffect } from 'preact/hooks';
import { words } from './words/shop-words.ts';

/** Names the view in the browser's tab and history. */
export function useTitle(title: string | undefined): void {
  const { name } = words.value;
  useEffect(() => {
    document.title = title === undefined ? name : `${title} · ${name}`;
  }, [title, name]);
}
