import { machinePace } from '../../scripts/test-suites/machine-pace.ts';

/**
 * A limit for an otherwise idle machine, adapted to its current load. In whole milliseconds, because
 * AbortSignal.timeout accepts nothing else.
 */
export function onThisMachine(limitMs: number): number {
  return Math.ceil(limitMs * machinePace());
}
