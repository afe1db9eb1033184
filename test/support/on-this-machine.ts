import { machinePace } from '../../scripts/test-suites/machine-pace.ts';

/**
 * A limit in milliseconds, adapted to the current load. The limits of tests are those of an otherwise idle
 * machine.
 */
export function onThisMachine(limitMs: number): number {
  return limitMs * machinePace();
}
