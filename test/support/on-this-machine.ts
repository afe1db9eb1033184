import { machinePace } from '../../scripts/test-suites/machine-pace.ts';

/**
 * A limit in milliseconds, as it applies at this moment. The limits of tests are those of a machine that does
 * nothing else.
 */
export function onThisMachine(limitMs: number): number {
  return limitMs * machinePace();
}
