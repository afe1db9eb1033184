import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import { oneMinute, type RunbookAlarms } from '../observability/runbook-alarms.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

export interface WatchedRedis {
  readonly role: 'state' | 'cache';
  readonly nodeIds: readonly string[];
  readonly settings: StageSettings['redis'];
}

/** Limit for the CPU of nodes with more than two cores, and for the memory of all nodes. */
const BUSY_PERCENT = 80;
const SMALL_BUSY_PERCENT = 90;
/** Enough for 15 minutes on both cores. */
const CREDITS_MIN = 30;
/** Below this load a burstable node earns more credits than it spends. */
const BASELINE_PERCENT = 20;
const LAG_MAX_S = 10;

/** Alarms on a replication group: resources that run out and, for the state, keys that must never be lost. */
export function redisAlarms(alarms: RunbookAlarms, redis: WatchedRedis): void {
  const { role, nodeIds, settings } = redis;
  busy(alarms, redis);
  if (settings.nodeType.startsWith('t')) credits(alarms, redis);
  if (settings.replicas > 0) {
    alarms.add({
      runbook: 'redis-replication',
      about: role,
      severity: 'mail',
      says: `A replica of Redis (${role}) is more than ${LAG_MAX_S} s behind, which a failover would lose.`,
      metric: worst(nodeIds, 'ReplicationLag', Stats.MAXIMUM),
      above: LAG_MAX_S,
      periods: 5,
    });
  }
  // A full cache is a good cache.
  if (role === 'state') stateMemory(alarms, nodeIds);
}

function busy(alarms: RunbookAlarms, { role, nodeIds, settings }: WatchedRedis): void {
  // AWS: with one or two cores, background work counts as much as the thread that runs commands.
  const isSmall = /\.(micro|small|medium|large)$/.test(settings.nodeType);
  const { metricName, percent } = isSmall
    ? { metricName: 'CPUUtilization', percent: SMALL_BUSY_PERCENT }
    : { metricName: 'EngineCPUUtilization', percent: BUSY_PERCENT };
  alarms.add({
    runbook: 'redis-busy',
    about: role,
    severity: 'mail',
    says: `Redis (${role}) has used more than ${percent} % of its CPU for five minutes.`,
    metric: worst(nodeIds, metricName, Stats.AVERAGE),
    above: percent,
    periods: 5,
  });
}

function credits(alarms: RunbookAlarms, { role, nodeIds }: WatchedRedis): void {
  const usingMetrics = {
    ...ofNodes(nodeIds, 'credits', 'CPUCreditBalance', Stats.MINIMUM),
    ...ofNodes(nodeIds, 'cpu', 'CPUUtilization', Stats.AVERAGE),
  };
  // A new node has few credits and spends none.
  const spent = nodeIds.map(
    (_, index) => `IF(credits${index + 1} < ${CREDITS_MIN} && cpu${index + 1} > ${BASELINE_PERCENT}, 1, 0)`,
  );
  alarms.add({
    runbook: 'redis-credits',
    about: role,
    severity: 'mail',
    says: `A node of Redis (${role}) runs above its baseline and has almost no CPU credits left.`,
    metric: new MathExpression({ expression: spent.join(' + '), usingMetrics, ...oneMinute }),
    above: 0,
    periods: 5,
  });
}

function stateMemory(alarms: RunbookAlarms, nodeIds: readonly string[]): void {
  alarms.add({
    runbook: 'redis-memory',
    severity: 'page',
    says: `Redis (state) has used ${BUSY_PERCENT} % of its memory and will reject log-ins when it is full.`,
    metric: worst(nodeIds, 'DatabaseMemoryUsagePercentage', Stats.MAXIMUM),
    above: BUSY_PERCENT,
    periods: 5,
  });
  alarms.add({
    runbook: 'redis-evictions',
    severity: 'mail',
    says: 'Redis (state) evicts keys, which its parameters forbid.',
    metric: worst(nodeIds, 'Evictions', Stats.SUM),
    above: 0,
    periods: 1,
  });
}

/** The largest value of all nodes: any of them may be the primary after a failover. */
function worst(nodeIds: readonly string[], metricName: string, statistic: string): IMetric {
  const usingMetrics = ofNodes(nodeIds, 'node', metricName, statistic);
  const [only] = Object.values(usingMetrics);
  if (only !== undefined && nodeIds.length === 1) return only;
  const expression = `MAX([${Object.keys(usingMetrics).join(', ')}])`;
  return new MathExpression({ expression, usingMetrics, ...oneMinute });
}

/** A metric of each node, as `<prefix>1`, `<prefix>2` and so on. */
function ofNodes(
  nodeIds: readonly string[],
  prefix: string,
  metricName: string,
  statistic: string,
): Record<string, Metric> {
  return Object.fromEntries(
    nodeIds.map((CacheClusterId, index) => [
      `${prefix}${index + 1}`,
      new Metric({
        namespace: 'AWS/ElastiCache',
        metricName,
        dimensionsMap: { CacheClusterId },
        ...oneMinute,
        statistic,
      }),
    ]),
  );
}
