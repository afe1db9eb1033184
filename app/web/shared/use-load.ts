import { useEffect, useRef, useState } from 'preact/hooks';

/** State of data that a view loads. `data` stays while newer data is loaded, and when that fails. */
export interface Loaded<T> {
  readonly data: T | undefined;
  /** When `data` was received, in UNIX milliseconds. */
  readonly at: number | undefined;
  /** Why the latest attempt failed; undefined once one succeeds. */
  readonly error: unknown;
  readonly isLoading: boolean;
  /** Loads again. */
  reload(): void;
}

export interface LoadOptions {
  /** Loads again after this pause, while the page is visible. */
  readonly everyMs?: number | undefined;
}

/**
 * Loads data when `key` changes, and again when the browser is back online. A change of the key drops what
 * another key has loaded. An undefined key loads nothing.
 */
export function useLoad<T>(
  key: string | undefined,
  load: (signal: AbortSignal) => Promise<T>,
  { everyMs }: LoadOptions = {},
): Loaded<T> {
  const [state, setState] = useState<Omit<Loaded<T>, 'reload'> & { readonly key: string | undefined }>({
    key,
    data: undefined,
    at: undefined,
    error: undefined,
    isLoading: key !== undefined,
  });
  const [turn, setTurn] = useState(0);
  const latest = useRef(load);
  latest.current = load;

  useEffect(() => {
    if (key === undefined) return undefined;
    const ended = new AbortController();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const attempt = async (): Promise<void> => {
      clearTimeout(timer);
      setState((before) =>
        before.key === key
          ? { ...before, isLoading: true }
          : { key, data: undefined, at: undefined, error: undefined, isLoading: true },
      );
      try {
        const data = await latest.current(ended.signal);
        if (ended.signal.aborted) return;
        setState({ key, data, at: Date.now(), error: undefined, isLoading: false });
      } catch (error) {
        if (ended.signal.aborted) return;
        setState((before) => ({ ...before, key, error, isLoading: false }));
      }
      if (everyMs !== undefined) timer = setTimeout(tick, everyMs);
    };
    const tick = (): void => {
      // A hidden page asks nothing; it asks at once when it is shown again.
      if (!document.hidden) void attempt();
    };
    const onShown = (): void => {
      if (everyMs !== undefined && !document.hidden) void attempt();
    };
    const onOnline = (): void => void attempt();
    void attempt();
    addEventListener('online', onOnline);
    document.addEventListener('visibilitychange', onShown);
    return () => {
      ended.abort();
      clearTimeout(timer);
      removeEventListener('online', onOnline);
      document.removeEventListener('visibilitychange', onShown);
    };
  }, [key, everyMs, turn]);

  const reload = (): void => setTurn((before) => before + 1);
  if (state.key !== key)
    return { data: undefined, at: undefined, error: undefined, isLoading: key !== undefined, reload };
  return { ...state, reload };
}
