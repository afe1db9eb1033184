/**
 * The settings of both stages, every number with its reason. `npx cdk synth -c stage=minimal|production`.
 *
 * minimal is the cheapest stage that still keeps its promises. It has two zones and two instances, so one of
 * each may fail. It has one database and one Redis node; if either fails, the shop is down for minutes.
 * production survives the loss of any one instance, node or zone.
 */
import { checkSettings } from './check-settings.ts';
import { type StageName, stageNames, type StageSettings } from './stage-settings.ts';

const minimal: StageSettings = {
  name: 'minimal',
  // One NAT gateway costs a third of the endpoints that would replace it. If its zone fails, the other zone
  // loses its way out as well: orders go on, and their events wait in the outbox.
  network: { zones: 2, natGateways: 1, interfaceEndpoints: [] },
  database: {
    // The smallest Arm class: about 66 connections, and one or two cores in bursts.
    instanceType: 't4g.micro',
    memoryGib: 1,
    // The minimum for gp3; a million orders take about 1 GB.
    storageGb: 20,
    storageMaxGb: 100,
    multiAz: false,
    hasReplica: false,
    // Long enough for a mistake to be noticed on Monday.
    backupDays: 7,
    hasPerformanceInsights: false,
  },
  // 0.5 GB holds the sessions and carts of some 200,000 customers per month: a session takes 484 bytes
  // (measured, including its entry in the user's list) and lasts 30 days. Losing the one node logs every user
  // out and loses no order. A log-in leaves one or two counters for an hour and one for 30 days; 200,000 of
  // them take 48 MB.
  redis: {
    engine: 'redis',
    nodeType: 't4g.micro',
    memoryGib: 0.5,
    groups: 'shared',
    cacheKeysMax: 200_000,
    replicas: 0,
    snapshotDays: 1,
  },
  fleet: {
    // 2 GB: the API and the worker take 150 MB each, decoding a 40 MP image takes 200 MB.
    instanceType: 't4g.small',
    // One per zone.
    instancesMin: 2,
    // Leaves room for a rolling update at full load; the database class allows no more connections.
    instancesMax: 3,
    // Burstable: a core earns credits below 20 % load and spends them above.
    cpuTargetPercent: 50,
    // 100 per second on each: a tenth of the order rate that was measured on one core.
    requestsPerTargetPerMinute: 6000,
    // 7 connections for each of 6 processes leave room for the data platform, releases and people.
    databasePoolMax: 3,
    // A line for every request: 4 million lines cost about a dollar.
    accessLogPercent: 100,
  },
  // One process: the queue keeps messages for 14 days, so losing the process only delays statistics. With the
  // two helpers beside it, 0.5 GB would be full. It counts one batch at a time; the second connection is for
  // the purge.
  consumer: { instanceType: 't4g.micro', instances: 1, databasePoolMax: 2 },
  gateway: {
    // The rate that two instances were sized for, with room for a burst of page loads.
    storefront: { ratePerS: 200, burst: 400 },
    storefrontKeys: [1],
    client: { ratePerS: 20, burst: 40, quotaPerDay: 100_000 },
    hasWebAcl: false,
  },
  // A web ACL costs 9 USD per month and needs a second region. Without it, one visitor with a script can use
  // up the storefront's rate.
  edge: { hasWebAcl: false, addressRequestsPerMinute: 3000 },
  variables: { api: {}, worker: {}, 'data-platform': {} },
  logDays: 7,
  rotationDays: 30,
  instanceDaysMax: 14,
  imageId: undefined,
};

const production: StageSettings = {
  name: 'production',
  // One per zone: if a zone fails, the other one keeps its way out.
  network: { zones: 2, natGateways: 2, interfaceEndpoints: [] },
  database: {
    // Not burstable. 16 GB keep the working set of a large catalogue and a year of orders in memory.
    instanceType: 'r7g.large',
    memoryGib: 16,
    // 3,000 IOPS and 125 MB/s come with every gp3 volume below 400 GB.
    storageGb: 100,
    storageMaxGb: 1000,
    multiAz: true,
    hasReplica: true,
    // The maximum of RDS.
    backupDays: 35,
    hasPerformanceInsights: true,
  },
  // Two groups, because the cache may evict and the state must not. Each has a replica in the other zone.
  //
  // Burstable on purpose: m7g.large never runs out of credits, but costs 92 USD more per node and month
  // (us-east-1), 368 for these four, which is 38 % of the stage. A T4g node earns 0.4 of a core and saves up
  // to 576 credits per day; at one whole core those last 16 hours. A load test published for Valkey 9 on this
  // type needed 0.6 of a core at 11,500 commands per second
  // (https://www.kalexandr.com/valkey-90-elasticache-t3-vs-t4g-across-micro-small-and-medium). The
  // storefront's rate of 4,000 requests per second, at two commands each, uses about what the node earns. A
  // new node starts without credits. The alarm redis-credits says when this no longer holds; the next step is
  // `m7g.large` with 6.38 GiB.
  redis: {
    engine: 'redis',
    nodeType: 't4g.small',
    memoryGib: 1.37,
    groups: 'separate',
    // Undefined, because a separate cache evicts instead.
    cacheKeysMax: undefined,
    replicas: 1,
    snapshotDays: 7,
  },
  fleet: {
    // Two cores that never run out of credits: one for the API's event loop, one for worker and TLS.
    instanceType: 'c7g.large',
    // Either zone carries the load alone while the other one is replaced.
    instancesMin: 2,
    instancesMax: 12,
    // A new instance serves after two minutes; until then the other half of each core carries the rise.
    cpuTargetPercent: 50,
    // 400 per second: 40 % of the order rate that was measured on one core, and more than reads need.
    requestsPerTargetPerMinute: 24_000,
    databasePoolMax: 8,
    // At 1,000 reads per second, a line for each would cost more than the database.
    accessLogPercent: 5,
  },
  // Two, in two zones.
  consumer: { instanceType: 't4g.micro', instances: 2, databasePoolMax: 2 },
  gateway: {
    // Below an account's 10,000 requests per second and region, so that API clients keep a share.
    storefront: { ratePerS: 4000, burst: 4000 },
    storefrontKeys: [1],
    client: { ratePerS: 100, burst: 200, quotaPerDay: 1_000_000 },
    hasWebAcl: true,
  },
  // 50 per second, because many customers share one carrier's address. The app's own limit of 20 per second
  // for callers without a session answers first wherever the app sees the caller; this one also counts cached
  // replies.
  edge: { hasWebAcl: true, addressRequestsPerMinute: 3000 },
  variables: { api: {}, worker: {}, 'data-platform': {} },
  logDays: 90,
  rotationDays: 30,
  instanceDaysMax: 14,
  imageId: undefined,
};

const settingsOf: Readonly<Record<StageName, StageSettings>> = { minimal, production };

/** The settings of a stage, checked. Throws an Error that names every wrong setting. */
export function stageSettings(name: unknown): StageSettings & { readonly name: StageName } {
  const stage = stageNames.find((candidate) => candidate === name);
  if (stage === undefined) {
    throw new Error(
      `context stage is ${JSON.stringify(name)}: pass -c stage=${stageNames.join(' or -c stage=')}`,
    );
  }
  checkSettings(settingsOf[stage]);
  return { ...settingsOf[stage], name: stage };
}
