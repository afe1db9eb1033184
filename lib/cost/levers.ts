import type { MonthlyUse, TemplateResource } from './cost-item.ts';
import { type CostEstimate, estimateCost } from './estimate-cost.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

/** What a month would cost less. */
export interface Saving {
  readonly lever: string;
  /** Undefined where a price that it takes has no source for the region. */
  readonly usd: number | undefined;
  /** What is given up. */
  readonly price: string;
}

export interface SettingsLever {
  readonly lever: string;
  readonly price: string;
  /** Undefined where the stage has nothing to give up. */
  readonly settings: (settings: StageSettings) => StageSettings | undefined;
}

export const settingsLevers: readonly SettingsLever[] = [
  {
    lever: 'no read replica',
    price: 'the writer answers for the catalogue as well',
    settings: (settings) =>
      settings.database.hasReplica
        ? { ...settings, database: { ...settings.database, hasReplica: false } }
        : undefined,
  },
  {
    lever: 'no standby of MySQL',
    price: 'the loss of its zone is an outage until a restore',
    settings: (settings) =>
      settings.database.multiAz
        ? { ...settings, database: { ...settings.database, multiAz: false } }
        : undefined,
  },
  {
    lever: 'one NAT gateway',
    price: 'with its zone the other one loses its way to AWS; orders go on, events wait',
    settings: (settings) =>
      settings.network.natGateways > 1
        ? { ...settings, network: { ...settings.network, natGateways: 1 } }
        : undefined,
  },
  {
    lever: 'Valkey in place of Redis',
    price: 'ElastiCache changes the engine in place, and not back',
    settings: (settings) =>
      settings.redis.engine === 'redis'
        ? { ...settings, redis: { ...settings.redis, engine: 'valkey' } }
        : undefined,
  },
  {
    lever: 'no replicas of Redis',
    price: 'the loss of a node logs everybody out',
    settings: (settings) =>
      settings.redis.replicas > 0 ? { ...settings, redis: { ...settings.redis, replicas: 0 } } : undefined,
  },
  {
    lever: 'no web ACL of the distribution',
    price: 'no rate for an address at the edge, no alarm on what visitors get',
    settings: (settings) =>
      settings.edge.hasWebAcl ? { ...settings, edge: { ...settings.edge, hasWebAcl: false } } : undefined,
  },
  {
    lever: 'no web ACL at the gateway',
    price: "AWS's managed rules",
    settings: (settings) =>
      settings.gateway.hasWebAcl
        ? { ...settings, gateway: { ...settings.gateway, hasWebAcl: false } }
        : undefined,
  },
];

/** What each lever would take off the bill by itself. `synthesise` gives the resources of a stage with other settings. */
export function savingsOf(
  estimate: CostEstimate,
  given: {
    readonly settings: StageSettings;
    readonly resources: readonly TemplateResource[];
    readonly use: MonthlyUse;
    readonly synthesise: (settings: StageSettings) => readonly TemplateResource[];
  },
): Saving[] {
  const { settings, resources, use, synthesise } = given;
  const { region } = estimate;
  const saved = (changed: CostEstimate) => sumOf(estimate) - sumOf(changed);
  const ofSettings = settingsLevers.flatMap(({ lever, price, settings: change }) => {
    const changed = change(settings);
    if (changed === undefined) return [];
    const cheaper = estimateCost(synthesise(changed), use, region);
    // What has no price may be what the lever saves.
    const isPriced = quantityOfUnpriced(cheaper) === quantityOfUnpriced(estimate);
    return [{ lever, price, usd: isPriced ? saved(cheaper) : undefined }];
  });
  const smallerPictures = { ...use, imageBytesPerOrder: use.imageBytesPerOrder / 2 };
  return [
    ...ofSettings,
    {
      lever: 'half the bytes of pictures (smaller ones, caches that keep them)',
      price: 'work on the pages',
      usd: saved(estimateCost(resources, smallerPictures, region)),
    },
  ];
}

function quantityOfUnpriced({ unpricedItems }: CostEstimate): number {
  return unpricedItems.reduce((sum, { quantity }) => sum + quantity, 0);
}

function sumOf({ fixedUsd, usageUsd }: CostEstimate): number {
  return fixedUsd + usageUsd;
}
