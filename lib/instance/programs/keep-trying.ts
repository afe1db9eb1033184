import { setTimeout as pause } from 'node:timers/promises';

export interface KeepTryingOptions {
  /** No attempt starts later than this after the first one. */
  readonly forMs: number;
  /** False for a permanent failure, which is thrown at once. */
  readonly isTransient: (error: unknown) => boolean;
  readonly onFailure: (error: unknown) => void;
}

const PAUSE_MIN_MS = 500;
const PAUSE_MAX_MS = 10_000;

/**
 * Result of the first successful attempt. Pauses double from 0.5 s to 10 s, with jitter. Throws the last
 * failure when the time is over.
 */
export async function keepTrying<T>(work: () => Promise<T>, options: KeepTryingOptions): Promise<T> {
  const endMs = performance.now() + options.forMs;
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await work();
    } catch (error) {
      const longestMs = Math.min(PAUSE_MAX_MS, PAUSE_MIN_MS * 2 ** attempt);
      const pauseMs = longestMs / 2 + (Math.random() * longestMs) / 2;
      if (!options.isTransient(error) || performance.now() + pauseMs > endMs) throw error;
      options.onFailure(error);
      await pause(pauseMs);
    }
  }
}
