import { type App, Stack, Tags } from 'aws-cdk-lib';
import { acknowledgeChecks } from './acknowledged-checks.ts';
import { ClusterEdgeStack } from './cluster/cluster-edge-stack.ts';
import { ClusterStack } from './cluster/cluster-stack.ts';
import { WorkloadsStack } from './cluster/workloads-stack.ts';
import { ContainerImage } from './container/container-image.ts';
import { DataStack } from './data/data-stack.ts';
import { quietHours } from './data/quiet-hours.ts';
import { EdgeGuardStack } from './edge/edge-guard-stack.ts';
import { EdgeWatchStack } from './edge/edge-watch-stack.ts';
import { KafkaStack } from './messaging/kafka-stack.ts';
import { NetworkStack } from './network/network-stack.ts';
import type { ClusterSettings } from './settings/cluster-settings.ts';
import type { DeploymentOptions } from './settings/deployment-options.ts';
import { StorageStack } from './storage/storage-stack.ts';
import { watchClusterStacks } from './watch-cluster-stacks.ts';

export interface ClusterStacksOptions {
  readonly settings: ClusterSettings;
  readonly options: DeploymentOptions;
  /** Region of the deployment; only the stacks in us-east-1 need it. */
  readonly region: string;
  /** Folder of the OCI image layout that scripts/container creates for linux-arm64. */
  readonly imageLayout: string;
  /** Folder of the built pages; undefined publishes none, for templates that are only read. */
  readonly pagesDirectory?: string;
}

/** Tags by which a load balancer controller recognises subnets; the nodes are named by their ids. */
const subnetTags = {
  public: { 'kubernetes.io/role/elb': '1' },
  private: { 'kubernetes.io/role/internal-elb': '1' },
} as const;

/**
 * All stacks of a stage in the shape `cluster`, in the order of their deployment. Read this first. Network,
 * data and storage are the stacks of the other shape. `cdk destroy` goes through them in the opposite order,
 * so that what a controller made is deleted while the controller runs: pods, then the Ingress and with it the
 * balancer, then the nodes, then the cluster, then the network.
 */
export function clusterStacks(app: App, given: ClusterStacksOptions) {
  const { settings, options, region, imageLayout, pagesDirectory } = given;
  const { shared } = settings;
  const { disposable, domain } = options;
  const stackId = (name: string) => `Rowlock-${shared.name}-${name}`;
  const lasting = { terminationProtection: !disposable };
  const storage = new StorageStack(app, stackId('Storage'), {
    uploadOrigins: [domain === undefined ? 'https://*.cloudfront.net' : `https://${domain}`],
    logDays: shared.logDays,
    disposable,
    ...lasting,
  });
  const { images, pages, logs } = storage;
  const network = new NetworkStack(app, stackId('Network'), {
    settings: shared.network,
    zones: options.zones,
    logs,
    subnetTags,
    ...lasting,
  });
  const { vpc } = network;
  const data = new DataStack(app, stackId('Data'), {
    settings: shared,
    vpc,
    disposable,
    eventsEmail: options.alarmEmail,
    quietHours: quietHours(options.quietHourUtc),
    ...lasting,
  });
  const events = new KafkaStack(app, stackId('Events'), { settings, vpc, disposable, ...lasting });
  const cluster = new ClusterStack(app, stackId('Cluster'), {
    settings,
    vpc,
    adminRoleArn: options.clusterAdminRoleArn,
    ...lasting,
  });
  // Stacks that change with a release.
  const release = new Stack(app, stackId('Image'));
  const image = new ContainerImage(release, 'Image', { vpc, logDays: shared.logDays, layout: imageLayout });
  const needsGuard = shared.edge.hasWebAcl && options.edgeWebAclArn === undefined;
  const guard = needsGuard ? new EdgeGuardStack(app, stackId('EdgeGuard'), { settings: shared }) : undefined;
  const edge = new ClusterEdgeStack(app, stackId('Edge'), {
    settings,
    options,
    vpc,
    eks: cluster.eks,
    images,
    pages,
    logs,
    webAclArn: options.edgeWebAclArn ?? guard?.webAclArn,
  });
  // The Ingress needs nodes, for whose pods the controller has a webhook, and the namespace.
  edge.addStackDependency(cluster);
  if (guard !== undefined) edge.addStackDependency(guard);
  const workloads = new WorkloadsStack(app, stackId('Workloads'), {
    settings,
    vpc,
    eks: cluster.eks,
    data,
    orderEvents: { topic: events.kafka, format: options.eventsFormat },
    passwordHashing: options.passwordHashing,
    images,
    edge: edge.forPods,
    image: image.uri,
    pages: pagesDirectory === undefined ? undefined : { bucket: pages, directory: pagesDirectory },
  });
  for (const stack of [cluster, edge, release]) workloads.addStackDependency(stack);
  const observability = watchClusterStacks(app, stackId('Observability'), {
    settings,
    options,
    network,
    data,
    events,
    cluster,
    edge,
  });
  if (shared.edge.hasWebAcl) {
    // oxlint-disable-next-line no-new -- a construct adds itself to its scope
    new EdgeWatchStack(app, stackId('EdgeWatch'), {
      stage: shared.name,
      options,
      logDays: shared.logDays,
      edge,
      region,
    });
  }
  acknowledgeChecks(app, { hasDomain: domain !== undefined });
  Tags.of(app).add('rowlock:stage', shared.name);
  return { storage, network, data, events, cluster, release, edge, workloads, observability };
}

export type ClusterStacks = ReturnType<typeof clusterStacks>;
