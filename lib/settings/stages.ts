/**
 * What the two stages differ in: every number with its reason. `npx cdk synth -c stage=minimal|production`.
 *
 * minimal is the cheapest thing that is still honest: two zones and two instances, so that one of each may
 * fail, and a single database and Redis node, so that a failure of theirs is an outage of minutes.
 * production survives the loss of any one instance, node or zone.
 */
import { checkSettings } from './check-settings.ts';
import { type StageName, stageNames, type StageSettings } from './stage-settings.ts';

const minimal: StageSettings = {
  name: 'minimal',
  // One NAT gateway costs a third of the endpoints that would replace it. With its zone the other one loses
  // its way out: orders go on, their events wait in the outbox.
  network: { zones: 2, natGateways: 1, interfaceEndpoints: [] },
  database: {
    // The smallest Arm class: about 66 connections, a core or two in bursts.
    instanceType: 't4g.micro',
    memoryGib: 1,
    // The least that gp3 takes; a million orders take about 1 GB.
    storageGb: 20,
    storageMaxGb: 100,
    multiAz: false,
    hasReplica: false,
    // Long enough to notice a mistake on a Monday.
    backupDays: 7,
    hasPerformanceInsights: false,
  },
  // 0.5 GB holds the sessions and carts of some 200,000 customers a month: a session takes 484 bytes (measured, with its
  // user's list) and lasts 30 days. One node: its loss logs everybody out and loses no order.
  // A log-in leaves a counter or two for an hour and one for 30 days; 200,000 of them are 48 MB.
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
    // 2 GB: a process of the API and one of the worker take 150 MB each, the decoding of a 40 MP image 200 MB.
    instanceType: 't4g.small',
    // One a zone.
    instancesMin: 2,
    // Room for a rolling update at full load; the database class allows no more connections.
    instancesMax: 3,
    // Burstable: credits are earned up to 20 % a core and spent above.
    cpuTargetPercent: 50,
    // 100 a second on each: a tenth of what one core was measured to do on orders.
    requestsPerTargetPerMinute: 6000,
    // 7 connections for each of 6 processes leave the class room for the data platform, releases and people.
    databasePoolMax: 3,
    // A line for every request: 4 million of them cost about a dollar.
    accessLogPercent: 100,
  },
  // One process: the queue keeps messages for 14 days, so its loss delays statistics and nothing else. With the
  // two helpers beside it 0.5 GB would be full. It counts one batch at a time; the second connection is for the purge.
  consumer: { instanceType: 't4g.micro', instances: 1, databasePoolMax: 2 },
  gateway: {
    // What two instances were sized for, with room for a burst of page loads.
    storefront: { ratePerS: 200, burst: 400 },
    storefrontKeys: [1],
    client: { ratePerS: 20, burst: 40, quotaPerDay: 100_000 },
    hasWebAcl: false,
  },
  // 9 USD a month and a second region: one visitor with a script can use up the storefront's rate here.
  edge: { hasWebAcl: false, addressRequestsPerMinute: 3000 },
  logDays: 7,
  rotationDays: 30,
  instanceDaysMax: 14,
  imageId: undefined,
};

const production: StageSettings = {
  name: 'production',
  // One a zone: the loss of a zone leaves the other one its way out.
  network: { zones: 2, natGateways: 2, interfaceEndpoints: [] },
  database: {
    // Not burstable, 16 GB: the working set of a large catalogue and a year of orders stays in memory.
    instanceType: 'r7g.large',
    memoryGib: 16,
    // 3,000 IOPS and 125 MB/s come with every gp3 volume below 400 GB.
    storageGb: 100,
    storageMaxGb: 1000,
    multiAz: true,
    hasReplica: true,
    // The most that RDS keeps is 35.
    backupDays: 35,
    hasPerformanceInsights: true,
  },
  // Two groups, because the cache may evict and the state must not; a replica each in the other zone.
  // Burstable on purpose: m7g.large never runs out of credits, but costs 92 USD a month more per node (us-east-1), 368 for
  // these four, 38 % of the stage. A T4g node earns 0.4 of a core and saves 576 credits in a day: at a whole core those last
  // 16 hours. A load test published for Valkey 9 on this type needed 0.6 of a core at 11,500 commands a second
  // (https://www.kalexandr.com/valkey-90-elasticache-t3-vs-t4g-across-micro-small-and-medium). The storefront's rate of
  // 4,000 requests a second, at two commands each, stays about at what the node earns. A new node starts without credits.
  // The alarm redis-credits says when this no longer holds; `m7g.large` with 6.38 GiB is the next step.
  redis: {
    engine: 'redis',
    nodeType: 't4g.small',
    memoryGib: 1.37,
    groups: 'separate',
    // It evicts instead.
    cacheKeysMax: undefined,
    replicas: 1,
    snapshotDays: 7,
  },
  fleet: {
    // Two cores that do not run out of credits: one for the API's event loop, one for worker and TLS.
    instanceType: 'c7g.large',
    // Either zone carries the load alone while the other one is replaced.
    instancesMin: 2,
    instancesMax: 12,
    // A new instance takes two minutes to serve; the other half of the core carries the rise meanwhile.
    cpuTargetPercent: 50,
    // 400 a second: 40 % of what one core was measured to do on orders, more than reads need.
    requestsPerTargetPerMinute: 24_000,
    databasePoolMax: 8,
    // At 1,000 reads a second a line for each would cost more than the database.
    accessLogPercent: 5,
  },
  // Two, in two zones.
  consumer: { instanceType: 't4g.micro', instances: 2, databasePoolMax: 2 },
  gateway: {
    // Below the 10,000 a second that an account may do in a region, so that API clients keep a share.
    storefront: { ratePerS: 4000, burst: 4000 },
    storefrontKeys: [1],
    client: { ratePerS: 100, burst: 200, quotaPerDay: 1_000_000 },
    hasWebAcl: true,
  },
  // 50 a second, many customers behind one carrier's address. The app's own limit of 20 a second for callers without a
  // session answers first wherever it sees the caller; this one also counts what is cached.
  edge: { hasWebAcl: true, addressRequestsPerMinute: 3000 },
  logDays: 90,
  rotationDays: 30,
  instanceDaysMax: 14,
  imageId: undefined,
};

const settingsOf: Readonly<Record<StageName, StageSettings>> = { minimal, production };

/** The settings of a stage. Throws an Error that names every wrong one. */
export function stageSettings(name: unknown): StageSettings {
  const stage = stageNames.find((candidate) => candidate === name);
  if (stage === undefined) {
    throw new Error(
      `context stage is ${JSON.stringify(name)}: give -c stage=${stageNames.join(' or -c stage=')}`,
    );
  }
  checkSettings(settingsOf[stage]);
  return settingsOf[stage];
}
