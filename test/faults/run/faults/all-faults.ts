import type { Fault } from '../fault.ts';
import { cacheFaults } from './cache-faults.ts';
import { clientFaults } from './client-faults.ts';
import { databaseFaults } from './database-faults.ts';
import { deadlockStorm } from './deadlock-storm.ts';
import { forgottenReport } from './forgotten-report.ts';
import { fullDisk } from './full-disk.ts';
import { kafkaFaults } from './kafka-faults.ts';
import { lockPileUp } from './lock-pile-up.ts';
import { migrationBehindReport } from './migration-behind-report.ts';
import { processFaults } from './process-faults.ts';
import { queueFaults } from './queue-faults.ts';
import { redisFaults } from './redis-faults.ts';
import { rollingRestart } from './rolling-restart.ts';

/** Every fault. A new one changes the schedules of all seeds. */
export const allFaults: readonly Fault[] = [
  ...processFaults,
  rollingRestart,
  ...databaseFaults,
  fullDisk,
  deadlockStorm,
  lockPileUp,
  forgottenReport,
  migrationBehindReport,
  ...redisFaults,
  ...queueFaults,
  ...clientFaults,
  ...cacheFaults,
];

/** Faults of a run whose events go through Kafka: those of SQS give way to those of Kafka. */
export const allFaultsOnKafka: readonly Fault[] = [
  ...allFaults.filter(({ name }) => !name.startsWith('sqs-') && name !== 'poisoned-messages'),
  ...kafkaFaults,
];

export const faultsOn = (events: 'sqs' | 'kafka') => (events === 'kafka' ? allFaultsOnKafka : allFaults);
