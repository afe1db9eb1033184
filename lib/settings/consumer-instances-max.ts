import type { StageSettings } from './stage-settings.ts';

/** One more than are wanted, so that a release starts the new consumer before the old one stops. */
export function consumerInstancesMax({ instances }: StageSettings['consumer']): number {
  return instances + 1;
}
