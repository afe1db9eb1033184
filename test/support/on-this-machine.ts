import { machinePace } from '../../scripts/test-suites/machine-pace.ts';

/**
 * A limit in whole milliseconds, adapted to the current load. The limits of tests are those of an otherwise idle
 * machine. AbortSignal.timeout accepts whole numbers only.
 */
export function onThisMachine(limitMs: number): number {
  return Math.ceil(limitMs * machinePace());
}
