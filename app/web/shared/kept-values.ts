/**
 * Values that a browser keeps for this origin. Browsers may refuse storage (private windows, policies); then
 * values last as long as the page.
 */
export interface KeptValues {
  read(name: string): string | undefined;
  /** Keeps the value; undefined forgets it. */
  write(name: string, value: string | undefined): void;
}

const PREFIX = 'rowlock.';

/** `storage` is a function because the mere access to it may throw. */
export function createKeptValues(storage: () => Storage): KeptValues {
  const fallback = new Map<string, string>();
  return {
    read(name) {
      try {
        return fallback.get(name) ?? storage().getItem(PREFIX + name) ?? undefined;
      } catch {
        return fallback.get(name);
      }
    },
    write(name, value) {
      fallback.delete(name);
      try {
        if (value === undefined) storage().removeItem(PREFIX + name);
        else storage().setItem(PREFIX + name, value);
      } catch {
        if (value !== undefined) fallback.set(name, value);
      }
    },
  };
}

/** Kept across visits. */
export const keptForever = createKeptValues(() => localStorage);
/** Kept for this tab, across reloads. */
export const keptForTab = createKeptValues(() => sessionStorage);
