/** The role data-platform: loops that any number of processes may run. Part of the composition root. */
import { writeFileSync } from 'node:fs';
import { orderEventsQueue } from '../contract/order-events-queue.ts';
import type { DataPlatformConfig } from '../config/data-platform.ts';
import { type RunningRole, startLoop } from './running-role.ts';
import { consumeOrderEvents, type ConsumerDependencies } from '../statistics/consume-order-events.ts';
import { purgeInboxRegularly } from '../statistics/purge-inbox.ts';

const DAY_MS = 24 * 60 * 60 * 1000;

export type DataPlatformDependencies = Omit<ConsumerDependencies, 'receiveWaitS' | 'onConsuming'> & {
  readonly config: DataPlatformConfig;
};

export function startDataPlatform({ config, ...shared }: DataPlatformDependencies): RunningRole {
  const consumer = startLoop((signal) =>
    consumeOrderEvents(
      {
        ...shared,
        receiveWaitS: orderEventsQueue.receiveWaitS,
        onConsuming: () => {
          shared.log.info('consuming');
          if (config.READY_FILE !== undefined) writeFileSync(config.READY_FILE, '');
        },
      },
      signal,
    ),
  );
  const purge = startLoop((signal) =>
    purgeInboxRegularly(
      {
        ...shared,
        retentionMs: config.INBOX_RETENTION_DAYS * DAY_MS,
        everyMs: config.INBOX_PURGE_EVERY_MS,
      },
      signal,
    ),
  );
  return {
    stop: async () => {
      await Promise.all([consumer.stop(), purge.stop()]);
    },
  };
}
