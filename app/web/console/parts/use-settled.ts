import { useEffect, useState } from 'preact/hooks';

const SETTLED_MS = 250;

/** The text once the person has stopped typing, so that not every letter asks the shop. */
export function useSettled(text: string): string {
  const [settled, setSettled] = useState(text);
  useEffect(() => {
    const timer = setTimeout(setSettled, SETTLED_MS, text);
    return () => clearTimeout(timer);
  }, [text]);
  return settled;
}
