import { createHash } from 'node:crypto';

/** SHA-256 over a validated request, written as JSON in the order of the parts given here. */
export function requestHash(...parts: readonly unknown[]): Buffer {
  return createHash('sha256').update(JSON.stringify(parts)).digest();
}

/** Marks an answer that was given before. */
export const REPLAYED_HEADER = { 'Idempotent-Replayed': 'true' } as const;
