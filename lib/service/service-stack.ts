import { Stack, type StackProps } from 'aws-cdk-lib';
import type { IVpc } from 'aws-cdk-lib/aws-ec2';
import type { ApplicationTargetGroup } from 'aws-cdk-lib/aws-elasticloadbalancingv2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { IQueue } from 'aws-cdk-lib/aws-sqs';
import type { Construct } from 'constructs';
import { AppFleet } from './app-fleet.ts';
import { DatabaseMigrations } from './database-migrations.ts';
import { PublishedPages, type ReleasePages } from './published-pages.ts';
import { type DatabaseAccess, useDatabase } from './use-database.ts';
import { useImages } from './use-images.ts';
import { type EventsFormat, useDeadLetters, useOrderEvents, useSetAside } from './use-order-events.ts';
import { type RedisAccess, useRedis } from './use-redis.ts';
import { appPort } from '../settings/app-port.ts';
import { consumerInstancesMax } from '../settings/consumer-instances-max.ts';
import { deadlines } from '../settings/deadlines.ts';
import type { EnvironmentName } from '../instance/instance-settings.ts';
import type { StageSettings } from '../settings/stage-settings.ts';

/** What the fleet must know of the edge in front of it. */
export interface FleetEdge {
  /** The balancer's targets, which the fleet joins. */
  readonly targets: ApplicationTargetGroup;
  /** Origin of pages and images, such as `https://shop.example.com`. */
  readonly origin: string;
  /** The gateway's ids of the storefront's keys. */
  readonly storefrontKeyIds: readonly string[];
}

export interface ServiceStackProps extends StackProps {
  readonly settings: StageSettings;
  readonly vpc: IVpc;
  readonly data: DatabaseAccess & RedisAccess;
  readonly edge: FleetEdge;
  readonly images: IBucket;
  readonly orderEvents: IQueue;
  readonly deadLetters: IQueue;
  readonly eventsFormat: EventsFormat;
  /** Undefined leaves the choice to the app. */
  readonly passwordHashing: string | undefined;
  readonly bundleFile: string;
  readonly pages: ReleasePages | undefined;
}

/**
 * The app: a fleet that serves requests and relays events, and the data platform, which counts the events.
 */
export class ServiceStack extends Stack {
  readonly fleet: AppFleet;
  readonly consumer: AppFleet;

  constructor(scope: Construct, id: string, props: ServiceStackProps) {
    super(scope, id, props);
    const { vpc, data, settings } = props;
    const { name: stage, logDays } = settings;
    const migrations = new DatabaseMigrations(this, 'Migrations', { vpc, data, stage, logDays });
    this.fleet = this.makeFleet(props);
    this.consumer = this.makeConsumer(props);
    for (const { group } of [this.fleet, this.consumer]) group.node.addDependency(migrations);
    if (props.pages !== undefined) {
      const pages = new PublishedPages(this, 'Pages', { vpc, logDays, ...props.pages });
      // The API of a release serves the pages before it; its own pages may need its new routes.
      pages.node.addDependency(this.fleet.group);
    }
  }

  private makeFleet(props: ServiceStackProps): AppFleet {
    const { settings, data, edge } = props;
    const fleet = new AppFleet(this, 'Api', {
      ...this.shared(props),
      name: 'api',
      instanceType: settings.fleet.instanceType,
      instancesMin: settings.fleet.instancesMin,
      instancesMax: settings.fleet.instancesMax,
      // A worker on every instance: any number of them share the work, and losing one loses no event.
      processes: ['api', 'worker'],
      targets: edge.targets,
    });
    const processes = ['api', 'worker'] as const;
    fleet.setVariables(processes, {
      ...this.variables(settings),
      DATABASE_POOL_MAX: `${settings.fleet.databasePoolMax}`,
      DRAIN_TIMEOUT_MS: `${deadlines.drainTimeoutMs}`,
    });
    fleet.setVariables(['api'], {
      HTTP_HOST: '0.0.0.0',
      HTTP_PORT: `${appPort}`,
      ALLOWED_ORIGINS: edge.origin,
      IMAGES_BASE_URL: edge.origin,
      // The app trusts the addresses that the gateway reports: nothing else can reach the balancer.
      STOREFRONT_KEY_ID: edge.storefrontKeyIds.join(','),
      ACCESS_LOG_PERCENT: `${settings.fleet.accessLogPercent}`,
      ...(props.passwordHashing === undefined ? {} : { PASSWORD_HASHING: props.passwordHashing }),
    });
    for (const process of processes) fleet.setVariables([process], settings.variables[process]);
    useDatabase(fleet, data, { as: 'app', for: processes, readsReplica: true });
    useRedis(fleet, data, { cacheKeysMax: settings.redis.cacheKeysMax, state: processes, cache: ['api'] });
    useOrderEvents(fleet, props.orderEvents, { to: 'send', for: processes, format: props.eventsFormat });
    useDeadLetters(fleet, props.deadLetters);
    useImages(fleet, props.images, { for: processes });

    edge.targets.addTarget(fleet.group);
    fleet.group.scaleOnCpuUtilization('Cpu', { targetUtilizationPercent: settings.fleet.cpuTargetPercent });
    fleet.group.scaleOnRequestCount('Requests', {
      targetRequestsPerMinute: settings.fleet.requestsPerTargetPerMinute,
    });
    return fleet;
  }

  private makeConsumer(props: ServiceStackProps): AppFleet {
    const { settings, data } = props;
    const consumer = new AppFleet(this, 'DataPlatform', {
      ...this.shared(props),
      name: 'data-platform',
      instanceType: settings.consumer.instanceType,
      instancesMin: settings.consumer.instances,
      instancesMax: consumerInstancesMax(settings.consumer),
      processes: ['data-platform'],
      targets: undefined,
      // The unit has the same path.
      readyFile: '/run/rowlock-data-platform/ready',
    });
    const processes = ['data-platform'] as const;
    consumer.setVariables(processes, {
      ...this.variables(settings),
      DATABASE_POOL_MAX: `${settings.consumer.databasePoolMax}`,
    });
    consumer.setVariables(processes, settings.variables['data-platform']);
    useDatabase(consumer, data, { as: 'statistics', for: processes });
    useOrderEvents(consumer, props.orderEvents, { to: 'consume', for: processes });
    useSetAside(consumer, props.deadLetters);
    return consumer;
  }

  private shared({ settings, vpc, bundleFile }: ServiceStackProps) {
    const { name: stage, instanceDaysMax, imageId, logDays } = settings;
    return { vpc, stage, bundleFile, instanceDaysMax, imageId, logDays };
  }

  private variables(settings: StageSettings): Partial<Record<EnvironmentName, string>> {
    return { STAGE: settings.name, AWS_REGION: this.region };
  }
}
