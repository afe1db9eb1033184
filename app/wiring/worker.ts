/** The role worker: loops that any number of processes may run. Part of the composition root. */
import { writeFileSync } from 'node:fs';
import { auditRegularly } from '../audit/audit-regularly.ts';
import type { CatalogueChanges } from '../catalogue/catalogue-changes.ts';
import { invalidateEdge } from '../catalogue/invalidate-edge.ts';
import { reconcileListing } from '../catalogue/reconcile-listing.ts';
import type { ShopConfig } from '../config/shop.ts';
import type { WorkerConfig } from '../config/worker.ts';
import { type ReconcileCountersDependencies, reconcileCounters } from '../coupons/reconcile-counters.ts';
import { readOutboxBacklog } from '../events/outbox-sql.ts';
import { relayOutbox } from '../events/relay-outbox.ts';
import { readOldestWorkAgeS } from '../images/image-job-sql.ts';
import { sweepUploads } from '../images/sweep-uploads.ts';
import { workOnImages } from '../images/work-on-images.ts';
import type { EventSender } from '../platform/event-transport.ts';
import type { Database } from '../platform/mysql/database.ts';
import type { ImageCodec } from '../images/image-codec.ts';
import type { Log } from '../platform/observe/log.ts';
import { openEdgeCache } from '../platform/aws/cloudfront.ts';
import type { Bucket } from '../platform/aws/s3.ts';
import { surroundings } from './adapters.ts';
import { type RunningRole, startLoop } from './running-role.ts';
import type { ShopMetrics } from './metrics.ts';

export interface WorkerDependencies {
  readonly config: WorkerConfig;
  readonly shop: ShopConfig;
  readonly database: Database;
  readonly events: EventSender;
  readonly counters: ReconcileCountersDependencies['counters'];
  readonly locks: ReconcileCountersDependencies['locks'];
  readonly changes: CatalogueChanges;
  readonly bucket: Bucket;
  readonly codec: ImageCodec;
  readonly measured: ShopMetrics;
  readonly newId: () => string;
  readonly nowMs: () => number;
  readonly random: () => number;
  readonly log: Log;
}

export function startWorker(dependencies: WorkerDependencies): RunningRole {
  const { config, shop, database, events, counters, locks, bucket, codec, measured } = dependencies;
  const { changes, newId, nowMs, random, log } = dependencies;
  const shared = { database, random, log };
  measured.sampleBacklog(() => readOutboxBacklog(database));
  let drift: number | undefined;
  measured.metrics.gauge('Drift', async () => drift);
  measured.metrics.gauge('ImageWorkOldestAge', () => readOldestWorkAgeS(database));

  const relay = startLoop((signal) =>
    relayOutbox(
      {
        ...shared,
        sender: measured.countSent(events, { tried: 'RelayClaimed', sent: 'RelayAcknowledged' }),
        leaseMs: config.RELAY_LEASE_MS,
        pollMs: config.RELAY_POLL_MS,
      },
      signal,
    ),
  );
  const coupons = startLoop((signal) =>
    reconcileCounters(
      { ...shared, counters, locks, everyMs: config.COUPON_RECONCILE_EVERY_MS, newId, nowMs },
      signal,
    ),
  );
  const images = { ...shared, bucket, leaseMs: shop.IMAGE_LEASE_MS };
  const imageWork = startLoop((signal) =>
    workOnImages(
      {
        ...images,
        codec,
        uploadRetentionMs: shop.IMAGE_UPLOAD_RETENTION_MS,
        lanes: config.IMAGE_LANES,
        pollMs: config.IMAGE_POLL_MS,
        steadyMs: surroundings.steadyMs,
        onWorked: changes.announce,
      },
      signal,
    ),
  );
  const imageSweep = startLoop((signal) =>
    sweepUploads({ ...images, locks, everyMs: config.IMAGE_SWEEP_EVERY_MS }, signal),
  );
  const listing = startLoop((signal) =>
    reconcileListing({ ...shared, locks, everyMs: config.LISTING_RECONCILE_EVERY_MS }, signal),
  );
  const edge = startEdge(dependencies);
  const audit = startLoop(async (signal) => {
    if (config.AUDIT_EVERY_MS === 0) return;
    await auditRegularly(
      {
        ...shared,
        everyMs: config.AUDIT_EVERY_MS,
        fullEveryMs: config.AUDIT_FULL_EVERY_MS,
        eventsLateAfterMs: shop.AUDIT_EVENTS_LATE_MS,
        onDrift: (brokenRows) => {
          drift = brokenRows;
        },
        nowMs,
        steadyMs: surroundings.steadyMs,
      },
      signal,
    );
  });
  if (config.READY_FILE !== undefined) writeFileSync(config.READY_FILE, '');
  return {
    stop: async () => {
      await Promise.all(
        [relay, coupons, imageWork, imageSweep, listing, edge, audit].map((loop) => loop.stop()),
      );
    },
  };
}

/** Does nothing without a distribution. */
function startEdge({ config, locks, changes, random, log }: WorkerDependencies): RunningRole {
  const { EDGE_DISTRIBUTION_ID: distributionId, EDGE_INVALIDATE_EVERY_MS: everyMs } = config;
  if (distributionId === undefined) return { stop: async () => undefined };
  const edge = openEdgeCache({ distributionId });
  const loop = startLoop((signal) => invalidateEdge({ changes, edge, locks, everyMs, random, log }, signal));
  return {
    stop: async () => {
      await loop.stop();
      await edge.close();
    },
  };
}
