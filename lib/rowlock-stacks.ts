import { type App, Tags } from 'aws-cdk-lib';
import { acknowledgeChecks } from './acknowledged-checks.ts';
import type { DeploymentOptions } from './settings/deployment-options.ts';
import { quietHours } from './data/quiet-hours.ts';
import { DataStack } from './data/data-stack.ts';
import { EdgeWatchStack } from './edge/edge-watch-stack.ts';
import { EdgeGuardStack } from './edge/edge-guard-stack.ts';
import { EdgeStack } from './edge/edge-stack.ts';
import { MessagingStack } from './messaging/messaging-stack.ts';
import { NetworkStack } from './network/network-stack.ts';
import { ServiceStack } from './service/service-stack.ts';
import { StorageStack } from './storage/storage-stack.ts';
import type { StageSettings } from './settings/stage-settings.ts';
import { watchStacks } from './watch-stacks.ts';

export interface RowlockStacksOptions {
  readonly settings: StageSettings;
  readonly options: DeploymentOptions;
  /** Where the stacks go; only those in us-east-1 have to know. */
  readonly region: string;
  /** The bundle for linux-arm64 that scripts/bundle made. */
  readonly bundleFile: string;
}

/**
 * All stacks of a stage, in the order in which they are deployed: read this first. No account and no region
 * (but us-east-1, where CloudFront demands it), so that the templates can be made, read and checked without either.
 */
export function rowlockStacks(app: App, { settings, options, region, bundleFile }: RowlockStacksOptions) {
  const { disposable, domain } = options;
  const stackId = (name: string) => `Rowlock-${settings.name}-${name}`;
  // What lasts: `cdk destroy` and the console refuse to delete these stacks until the protection is taken off.
  const lasting = { terminationProtection: !disposable };
  const storage = new StorageStack(app, stackId('Storage'), {
    // The name under cloudfront.net is not known before there is a distribution. Which pages may read the
    // answer to an upload is no protection of the bucket: the signature is.
    uploadOrigins: [domain === undefined ? 'https://*.cloudfront.net' : `https://${domain}`],
    logDays: settings.logDays,
    disposable,
    ...lasting,
  });
  const messaging = new MessagingStack(app, stackId('Messaging'), { disposable, ...lasting });
  const network = new NetworkStack(app, stackId('Network'), {
    settings: settings.network,
    zones: options.zones,
    logs: storage.logs,
    ...lasting,
  });
  const { vpc } = network;
  const data = new DataStack(app, stackId('Data'), {
    settings,
    vpc,
    disposable,
    eventsEmail: options.alarmEmail,
    quietHours: quietHours(options.quietHourUtc),
    ...lasting,
  });
  // What comes and goes with a release.
  const { images, pages, logs } = storage;
  const guard =
    settings.edge.hasWebAcl && options.edgeWebAclArn === undefined
      ? new EdgeGuardStack(app, stackId('EdgeGuard'), { settings })
      : undefined;
  const webAclArn = options.edgeWebAclArn ?? guard?.webAclArn;
  const edge = new EdgeStack(app, stackId('Edge'), {
    settings,
    options,
    vpc,
    images,
    pages,
    logs,
    webAclArn,
  });
  if (guard !== undefined) edge.addStackDependency(guard);
  const { orderEvents } = messaging;
  const service = new ServiceStack(app, stackId('Service'), {
    settings,
    vpc,
    data,
    edge: {
      targets: edge.balancer.targets,
      origin: edge.shop.origin,
      storefrontKeyIds: edge.frontDoor.storefrontKeyIds,
    },
    images,
    orderEvents,
    bundleFile,
  });
  const observability = watchStacks(app, stackId('Observability'), {
    settings,
    options,
    network,
    messaging,
    data,
    edge,
    service,
  });
  if (settings.edge.hasWebAcl) {
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new EdgeWatchStack(app, stackId('EdgeWatch'), {
      stage: settings.name,
      options,
      logDays: settings.logDays,
      edge,
      region,
    });
  }
  acknowledgeChecks(app, { hasDomain: domain !== undefined });
  Tags.of(app).add('rowlock:stage', settings.name);
  return { storage, messaging, network, data, edge, service, observability };
}

export type RowlockStacks = ReturnType<typeof rowlockStacks>;
