/** The way of an order from its request to its event. Part of the composition root. */
import type { ApiConfig } from '../config/api.ts';
import { createKeyLookups } from '../orders/key-lookups.ts';
import { createEventPublisher } from '../events/publish-events.ts';
import type { OrderRequest } from '../orders/evaluate-orders.ts';
import { orderCodec } from '../orders/order-wire.ts';
import { OrderCrashed, type PlacedOrder, placeOrders } from '../orders/place-orders.ts';
import type { TrafficCounts } from '../overview/traffic-counts.ts';
import { createSharedLane, type SharedLane } from '../platform/lane/shared-lane.ts';
import { type BatchLane, createBatchLane } from '../platform/load/batch-lane.ts';
import type { Log } from '../platform/observe/log.ts';
import { type Adapters, surroundings } from './adapters.ts';
import type { ShopMetrics } from './metrics.ts';

/** An order with `cart_outdated` is placed again. */
function trafficCode(result: PlacedOrder): string[] {
  if (result.code === 'cart_outdated') return [];
  return [result.code === 'placed' && result.replayed ? 'replayed' : result.code];
}

export function createOrderLane(
  config: ApiConfig,
  { database, events, eventsFormat, newId, nowMs }: Adapters,
  {
    measured,
    traffic,
    log,
  }: { readonly measured: ShopMetrics; readonly traffic: TrafficCounts; readonly log: Log },
) {
  const publisher = createEventPublisher({
    database,
    sender: measured.countSent(events, { sent: 'PublisherSent', failed: 'PublisherFailed' }),
    graceMs: config.RELAY_GRACE_MS,
    nowMs: surroundings.steadyMs,
    log,
  });
  measured.metrics.gauge('PublisherWaiting', async () => publisher.waiting());
  const withEvents = {
    database,
    newId,
    nowMs,
    outboxGraceMs: config.RELAY_GRACE_MS,
    eventsFormat,
    keyLookups: createKeyLookups(),
    publish: publisher.publish,
  };
  const local = createBatchLane<OrderRequest, PlacedOrder>({
    execute: async (requests) => {
      const results = await placeOrders(withEvents, requests);
      const decided = results.flatMap((result) => (result instanceof OrderCrashed ? [] : result));
      measured.onGroup(decided);
      traffic.countOrders(decided.flatMap(trafficCode));
      return results;
    },
    groupMax: config.ORDER_GROUP_MAX,
    queueMax: config.ORDER_QUEUE_MAX,
    waitMaxMs: config.ORDER_WAIT_MAX_MS,
    lanes: config.ORDER_LANES,
    nowMs: surroundings.steadyMs,
  });
  const shared = sharedLane(config, local, log);
  measured.metrics.gauge('OrderQueueLength', async () => local.waiting());
  measured.metrics.gauge('OrderLaneOwner', async () => (shared?.isOwner() === false ? 0 : 1));
  return { publisher, withEvents, orders: shared ?? local, shared };
}

/** Undefined without ORDER_LANE_DIR: orders are then executed where they arrive. */
function sharedLane(
  { ORDER_LANE_DIR: directory, ORDER_QUEUE_MAX: inFlightMax, ORDER_WAIT_MAX_MS: waitMaxMs }: ApiConfig,
  local: BatchLane<OrderRequest, PlacedOrder>,
  log: Log,
): SharedLane<OrderRequest, PlacedOrder> | undefined {
  if (directory === undefined) return undefined;
  return createSharedLane({
    local,
    codec: orderCodec,
    // A rejection would be untrue if the first try were executed after all.
    isFinal: ({ code }) => code === 'placed',
    directory,
    name: 'orders',
    inFlightMax,
    waitMaxMs,
    machineMs: surroundings.machineMs,
    random: surroundings.random,
    log,
  });
}
