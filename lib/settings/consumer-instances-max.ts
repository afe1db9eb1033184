import type { StageSettings } from './stage-settings.ts';

/** One more than the stage asks for: a release starts a new consumer before it stops an old one. */
export function consumerInstancesMax({ instances }: StageSettings['consumer']): number {
  return instances + 1;
}
