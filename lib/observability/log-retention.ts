import { RetentionDays } from 'aws-cdk-lib/aws-logs';
import type { StageSettings } from '../settings/stage-settings.ts';

const retentions: Readonly<Record<StageSettings['logDays'], RetentionDays>> = {
  7: RetentionDays.ONE_WEEK,
  90: RetentionDays.THREE_MONTHS,
};

/** CloudWatch's constant for a stage's retention; CloudWatch offers only certain numbers of days. */
export function logRetention(days: StageSettings['logDays']): RetentionDays {
  return retentions[days];
}
