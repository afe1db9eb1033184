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
  /** Region of the deployment; only the stacks in us-east-1 need it. */
  readonly region: string;
  /** Path of the linux-arm64 bundle that scripts/bundle creates. */
  readonly bundleFile: string;
  /** Folder of the built pages; undefined publishes none, for templates that are only read. */
  readonly pagesDirectory?: string;
}

/**
 * All stacks of a stage in the order of their deployment. Read this first. Stacks name no account, and no
 * region except us-east-1 where CloudFront requires it, so templates can be synthesised and checked without
 * credentials.
 */
export function rowlockStacks(app: App, given: RowlockStacksOptions) {
  const { settings, options, region, bundleFile, pagesDirectory } = given;
  const { disposable, domain } = options;
  const stackId = (name: string) => `Rowlock-${settings.name}-${name}`;
  // Stacks that outlive releases: `cdk destroy` and the console refuse to delete them until you disable the
  // protection.
  const lasting = { terminationProtection: !disposable };
  const storage = new StorageStack(app, stackId('Storage'), {
    // Without a domain the distribution's name is not known yet, so allow all of cloudfront.net. CORS only
    // decides which pages may read the reply to an upload; the signature protects the bucket.
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
  // Stacks that change with a release.
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
  const { orderEvents, deadLetters } = messaging;
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
    deadLetters,
    eventsFormat: options.eventsFormat,
    passwordHashing: options.passwordHashing,
    bundleFile,
    pages: pagesDirectory === undefined ? undefined : { bucket: pages, directory: pagesDirectory },
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
