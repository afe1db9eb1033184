import { useRef, useState } from 'preact/hooks';

export interface Deed<Result> {
  readonly isBusy: boolean;
  /** Why the last attempt failed; undefined before and after one that succeeds. */
  readonly error: unknown;
  /** Does it once at a time. Resolves to undefined if it failed or is under way. */
  run(): Promise<Result | undefined>;
  forget(): void;
}

/**
 * Something that a button does. The same `intent` has the same idempotency key until it succeeds, so pressing
 * again after a lost answer does not do it twice.
 */
export function useDeed<Result>(intent: string, act: (key: string) => Promise<Result>): Deed<Result> {
  const [isBusy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>(undefined);
  const kept = useRef<{ readonly intent: string; readonly key: string } | undefined>(undefined);
  const isUnderWay = useRef(false);
  return {
    isBusy,
    error,
    forget: () => setError(undefined),
    async run() {
      if (isUnderWay.current) return undefined;
      isUnderWay.current = true;
      if (kept.current?.intent !== intent) kept.current = { intent, key: crypto.randomUUID() };
      setBusy(true);
      setError(undefined);
      try {
        const result = await act(kept.current.key);
        kept.current = undefined;
        return result;
      } catch (failure) {
        setError(failure);
        return undefined;
      } finally {
        isUnderWay.current = false;
        setBusy(false);
      }
    },
  };
}
