import { hash } from 'node:crypto';

/** SHA-256 over a validated request, written as JSON in the order of the parts given here. */
export function requestHash(...parts: readonly unknown[]): Buffer {
  return hash('sha256', JSON.stringify(parts), 'buffer');
}

/** Marks a replayed response. */
export const REPLAYED_HEADER = { 'Idempotent-Replayed': 'true' } as const;
