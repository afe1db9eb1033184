import { useEffect, useRef } from 'preact/hooks';
import { type Loaded, useLoad } from '../../shared/use-load.ts';

/** Loads data by key, and again on each new turn; what is shown stays meanwhile. */
export function useTurns<T>(
  key: string,
  turn: unknown,
  load: (signal: AbortSignal) => Promise<T>,
): Loaded<T> {
  const loaded = useLoad(key, load);
  const earlier = useRef(turn);
  useEffect(() => {
    if (earlier.current === turn) return;
    // The first answer to what the view waits for is no news.
    const isFirst = earlier.current === undefined;
    earlier.current = turn;
    if (!isFirst) loaded.reload();
  }, [turn]);
  return loaded;
}
