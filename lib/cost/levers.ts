import type { MonthlyUse, TemplateResource } from './cost-item.ts';
import { type CostEstimate, estimateCost } from './estimate-cost.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

/** A reduction of the monthly bill. */
export interface Saving {
  readonly lever: string;
  /** Undefined if a needed price has no source for the region. */
  readonly usd: number | undefined;
  /** What the shop gives up. */
  readonly price: string;
}

export interface SettingsLever {
  readonly lever: string;
  readonly price: string;
  /** The changed settings; undefined if the lever does not apply to the stage. */
  readonly settings: (settings: StageSettings) => StageSettings | undefined;
}

export const settingsLevers: readonly SettingsLever[] = [
  {
    lever: 'no read replica',
    price: 'the writer serves catalogue reads as well',
    settings: (settings) =>
      settings.database.hasReplica
        ? { ...settings, database: { ...settings.database, hasReplica: false } }
        : undefined,
  },
  {
    lever: 'no standby of MySQL',
    price: 'if its zone fails, the shop is down until a restore',
    settings: (settings) =>
      settings.database.multiAz
        ? { ...settings, database: { ...settings.database, multiAz: false } }
        : undefined,
  },
  {
    lever: 'one NAT gateway',
    price: 'if its zone fails, the other zone cannot reach AWS; orders go on, events wait',
    settings: (settings) =>
      settings.network.natGateways > 1
        ? { ...settings, network: { ...settings.network, natGateways: 1 } }
        : undefined,
  },
  {
    lever: 'Valkey in place of Redis',
    price: 'ElastiCache changes the engine in place, but never back',
    settings: (settings) =>
      settings.redis.engine === 'redis'
        ? { ...settings, redis: { ...settings.redis, engine: 'valkey' } }
        : undefined,
  },
  {
    lever: 'no replicas of Redis',
    price: 'losing a node logs every user out',
    settings: (settings) =>
      settings.redis.replicas > 0 ? { ...settings, redis: { ...settings.redis, replicas: 0 } } : undefined,
  },
  {
    lever: 'no web ACL of the distribution',
    price: 'no rate limit per address at the edge, no alarm on failures that visitors see',
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

/** Savings of each lever alone. `synthesise` returns the resources of a stage with other settings. */
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
  const { region, live } = estimate;
  const saved = (changed: CostEstimate) => sumOf(estimate) - sumOf(changed);
  const ofSettings = settingsLevers.flatMap(({ lever, price, settings: change }) => {
    const changed = change(settings);
    if (changed === undefined) return [];
    const cheaper = estimateCost(synthesise(changed), use, region, live);
    // The lever may save exactly the lines without a price.
    const isPriced = quantityOfUnpriced(cheaper) === quantityOfUnpriced(estimate);
    return [{ lever, price, usd: isPriced ? saved(cheaper) : undefined }];
  });
  const smallerPictures = { ...use, imageBytesPerOrder: use.imageBytesPerOrder / 2 };
  return [
    ...ofSettings,
    {
      lever: 'half the bytes of images (smaller files, longer caching)',
      price: 'work on the pages',
      usd: saved(estimateCost(resources, smallerPictures, region, live)),
    },
  ];
}

function quantityOfUnpriced({ unpricedItems }: CostEstimate): number {
  return unpricedItems.reduce((sum, { quantity }) => sum + quantity, 0);
}

function sumOf({ fixedUsd, usageUsd }: CostEstimate): number {
  return fixedUsd + usageUsd;
}
