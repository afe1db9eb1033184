/** Starts what adds this process's traffic to the fleet's. Part of the composition root. */
import { reportTraffic } from '../overview/shared-traffic.ts';
import type { TrafficCounts } from '../overview/traffic-counts.ts';
import type { Log } from '../platform/observe/log.ts';
import type { RedisStore } from '../platform/redis/redis.ts';
import { surroundings } from './adapters.ts';
import type { createOrderLane } from './order-lane.ts';
import { type RunningRole, startLoop } from './running-role.ts';

export interface TrafficReportOptions {
  readonly redis: RedisStore;
  readonly traffic: TrafficCounts;
  readonly lane: ReturnType<typeof createOrderLane>;
  readonly nowMs: () => number;
  readonly log: Log;
}

export function startTrafficReport({ redis, traffic, lane, nowMs, log }: TrafficReportOptions): RunningRole {
  const processId = surroundings.newRequestId();
  const stateOf = () => ({ ordersWaiting: lane.orders.waiting(), eventsWaiting: lane.publisher.waiting() });
  return startLoop((signal) =>
    reportTraffic({ redis, counts: traffic, processId, nowMs, stateOf, log }, signal),
  );
}
