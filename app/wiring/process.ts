/** The composition root of a process: constructs what its roles use, and nothing else. */
import { rmSync } from 'node:fs';
import type { Config } from '../config/read-config.ts';
import type { Role } from '../contract/roles.ts';
import { waitForSchema } from '../migrations/wait-for-schema.ts';
import { watchEventLoop } from '../platform/observe/event-loop-delay.ts';
import type { Log } from '../platform/observe/log.ts';
import { openAdapters, openShopAdapters, surroundings } from './adapters.ts';
import { createApi } from './api.ts';
import { startDataPlatform } from './data-platform.ts';
import { wireMetrics } from './metrics.ts';
import { type RunningRole, startLoop } from './running-role.ts';
import { startWorker } from './worker.ts';

const BOOT_WAIT_MS = 2000;

export type ShopProcess = ReturnType<typeof wireProcess>;

/** The roles are those that `config` has settings of; they also decide which metrics the process reports. */
export function wireProcess(config: Config, roles: readonly Role[], log: Log) {
  const { shared } = config;
  forgetReady(config);
  const measured = wireMetrics({
    stage: shared.STAGE,
    roles,
    nowMs: surroundings.processMs,
    write: (line) => process.stdout.write(`${line}\n`),
  });
  const adapters = openAdapters({
    config: shared,
    eventsConfig: config.events,
    replicaUrl: config.shop?.DATABASE_REPLICA_URL,
    consumes: roles.includes('data-platform'),
    measured,
    log,
  });
  const { database, events, nowMs } = adapters;
  const { random } = surroundings;
  let hasBooted = false;
  let isDraining = false;

  const shop = config.shop && {
    config: config.shop,
    adapters: openShopAdapters({ shared, shop: config.shop }, log),
  };
  const api =
    shop &&
    config.api &&
    createApi({
      config: config.api,
      shared,
      shop: shop.config,
      drainTimeoutMs: shared.DRAIN_TIMEOUT_MS,
      adapters,
      shopAdapters: shop.adapters,
      measured,
      isReady: () => hasBooted && !isDraining,
      log,
    });

  const start = async (role: Role): Promise<RunningRole> => {
    if (role === 'api' && api !== undefined) return api.start();
    if (role === 'worker' && shop !== undefined && config.worker !== undefined) {
      const settings = { config: config.worker, shop: shop.config };
      return startWorker({ ...settings, ...shop.adapters, ...adapters, measured, random, log });
    }
    if (role === 'data-platform' && config.dataPlatform !== undefined) {
      return startDataPlatform({
        config: config.dataPlatform,
        database,
        receiver: events,
        nowMs,
        steadyMs: surroundings.steadyMs,
        random,
        log,
      });
    }
    throw new Error(`there are no settings of the role ${role}`);
  };

  return {
    routes: api?.routes ?? [],
    start,
    /** Reports the metrics of the whole process; undefined where they are turned off. */
    startMetrics: () => {
      const { METRICS_EVERY_MS: everyMs } = shared;
      return everyMs === 0 ? undefined : startReporting(measured, everyMs);
    },
    /** Resolves when the roles may work; the HTTP server answers /healthz before that. */
    boot: async (signal: AbortSignal) => {
      // Not awaited: without the transport orders go on and their events wait in the outbox. A mistake in
      // the settings is logged at once.
      events.ping().catch((error: Error) => log.warn('events_unavailable', { reason: error.message }));
      await Promise.all([
        waitForSchema({ database, log }, signal),
        shop?.adapters.state.ready(BOOT_WAIT_MS),
        api?.ready(BOOT_WAIT_MS),
      ]);
      hasBooted = true;
    },
    beginDrain: () => {
      isDraining = true;
    },
    close: async () => {
      await api?.close();
      await Promise.all([adapters.close(), shop?.adapters.close()]);
    },
  };
}

/** A container that starts again finds the file of the process before. */
function forgetReady({ worker, dataPlatform }: Config): void {
  for (const role of [worker, dataPlatform])
    if (role?.READY_FILE !== undefined) rmSync(role.READY_FILE, { force: true });
}

function startReporting(measured: ReturnType<typeof wireMetrics>, everyMs: number): RunningRole {
  const eventLoop = watchEventLoop();
  measured.metrics.gauge('EventLoopDelay', async () => eventLoop.delayP99Ms());
  const reporting = startLoop((signal) => measured.report(everyMs, signal));
  return {
    stop: async () => {
      await reporting.stop();
      eventLoop.stop();
    },
  };
}
