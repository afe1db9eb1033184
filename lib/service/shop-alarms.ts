import { Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { RunbookAlarms } from '../observability/runbook-alarms.ts';
import { shopMetric } from '../observability/shop-metric.ts';

/** An event is published within milliseconds of its commit; the relay picks up the rest after 5 s. */
const OUTBOX_AGE_MAX_S = 60;
/**
 * An image is processed within seconds of its completion or removal. A dead worker's claim expires after a
 * minute.
 */
const IMAGE_AGE_MAX_S = 15 * 60;
const SHED_PER_MINUTE_MAX = 50;
/** Event loop delay of one process; a healthy one is a few milliseconds. */
const LOOP_DELAY_MAX_MS = 250;

/** Alarms on the metrics that the app reports in its log. */
export function shopAlarms(alarms: RunbookAlarms, stage: string): void {
  alarms.add({
    runbook: 'outbox-waits',
    severity: 'mail',
    says: `An order event has been in the outbox for more than ${OUTBOX_AGE_MAX_S} s, or no worker reports.`,
    metric: shopMetric('OutboxOldestAge', 'worker', stage, Stats.MAXIMUM),
    above: OUTBOX_AGE_MAX_S,
    periods: 5,
    missingIsBad: true,
  });
  alarms.add({
    runbook: 'images-wait',
    severity: 'mail',
    says: `An image has waited for a worker for ${IMAGE_AGE_MAX_S / 60} min since its completion or removal.`,
    metric: shopMetric('ImageWorkOldestAge', 'worker', stage, Stats.MAXIMUM),
    above: IMAGE_AGE_MAX_S,
    periods: 5,
  });
  alarms.add({
    runbook: 'drift',
    severity: 'page',
    says: 'Stock, money, coupons or statistics do not add up.',
    metric: shopMetric('Drift', 'worker', stage, Stats.MAXIMUM),
    above: 0,
    periods: 1,
  });
  alarms.add({
    runbook: 'shed-requests',
    severity: 'mail',
    says: `The app has shed more than ${SHED_PER_MINUTE_MAX} requests per minute.`,
    metric: shopMetric('RequestsShed', 'api', stage, Stats.SUM),
    above: SHED_PER_MINUTE_MAX,
    periods: 3,
  });
  alarms.add({
    runbook: 'late-event-loop',
    severity: 'mail',
    says: 'The event loop of an API process has been late for five minutes: one core is not enough.',
    metric: shopMetric('EventLoopDelay', 'api', stage, Stats.AVERAGE),
    above: LOOP_DELAY_MAX_MS,
    periods: 5,
  });
}
