import { Stack, type StackProps } from 'aws-cdk-lib';
import { type IVpc, SecurityGroup } from 'aws-cdk-lib/aws-ec2';
import { KubernetesManifest } from 'aws-cdk-lib/aws-eks-v2';
import type { IBucket } from 'aws-cdk-lib/aws-s3';
import type { ISecret } from 'aws-cdk-lib/aws-secretsmanager';
import type { Construct } from 'constructs';
import { type EnvironmentName } from '../instance/instance-settings.ts';
import { PublishedPages, type ReleasePages } from '../service/published-pages.ts';
import { type DatabaseAccess, useDatabase } from '../service/use-database.ts';
import { useEdgeCache } from '../service/use-edge-cache.ts';
import { useImages } from '../service/use-images.ts';
import type { EventsFormat } from '../service/use-order-events.ts';
import { type OrderTopic, useOrderTopic } from '../service/use-order-topic.ts';
import { type RedisAccess, useRedis } from '../service/use-redis.ts';
import { appPort } from '../settings/app-port.ts';
import { type ClusterSettings, surge, type WorkloadSettings } from '../settings/cluster-settings.ts';
import { deadlines } from '../settings/deadlines.ts';
import { AppWorkload } from './app-workload.ts';
import type { EksCluster } from './eks-cluster.ts';
import { MigrationJob } from './migration-job.ts';
import { networkPolicies } from './network-policies.ts';
import { readyFile } from './pod-template.ts';
import { workloadObjects } from './workload-objects.ts';

/** What the pods must know of the edge in front of them. */
export interface WorkloadsEdge {
  /** Origin of pages and images, such as `https://shop.example.com`. */
  readonly origin: string;
  /** Its value comes with every request that CloudFront forwards. */
  readonly originKey: ISecret;
  readonly distributionId: string;
}

export interface WorkloadsStackProps extends StackProps {
  readonly settings: ClusterSettings;
  readonly vpc: IVpc;
  readonly eks: EksCluster;
  readonly data: DatabaseAccess & RedisAccess;
  readonly orderEvents: { readonly topic: OrderTopic; readonly format: EventsFormat };
  /** Undefined leaves the choice to the app. */
  readonly passwordHashing: string | undefined;
  readonly images: IBucket;
  readonly edge: WorkloadsEdge;
  /** The image of the release, by its digest. */
  readonly image: string;
  readonly pages: ReleasePages | undefined;
}

/** CloudFront and the load balancer each add an address to X-Forwarded-For. */
const PROXIES = '2';

/** The app: API, worker and data platform as Deployments, and the migration before them. */
export class WorkloadsStack extends Stack {
  readonly #props: WorkloadsStackProps;
  readonly #shared: Omit<ConstructorParameters<typeof AppWorkload>[2], 'name'>;

  constructor(scope: Construct, id: string, props: WorkloadsStackProps) {
    super(scope, id, props);
    this.#props = props;
    const { eks, vpc, settings, data, image } = props;
    const podGroup = SecurityGroup.fromSecurityGroupId(this, 'Pods', eks.cluster.clusterSecurityGroupId);
    this.#shared = { eks, podGroup };
    const policies = new KubernetesManifest(this, 'NetworkPolicies', {
      cluster: eks.cluster,
      manifest: networkPolicies({ vpcCidr: vpc.vpcCidrBlock }),
    });
    const stage = settings.shared.name;
    const migration = new MigrationJob(this, 'Migration', { eks, podGroup, data, image, stage, policies });
    const api = this.addApi();
    for (const objects of [api, this.addWorker(), this.addDataPlatform()]) {
      objects.node.addDependency(policies, migration);
    }
    if (props.pages !== undefined) {
      const { logDays } = settings.shared;
      const pages = new PublishedPages(this, 'Pages', { vpc, logDays, ...props.pages });
      pages.node.addDependency(api);
    }
  }

  private addApi(): KubernetesManifest {
    const { settings, data, edge, images, passwordHashing } = this.#props;
    const api = this.shopWorkload('Api', 'api', settings.api);
    api.setVariables(['api'], {
      HTTP_HOST: '0.0.0.0',
      HTTP_PORT: `${appPort}`,
      TRUST_PROXY: PROXIES,
      ALLOWED_ORIGINS: edge.origin,
      IMAGES_BASE_URL: edge.origin,
      ACCESS_LOG_PERCENT: `${settings.shared.fleet.accessLogPercent}`,
      ...(passwordHashing === undefined ? {} : { PASSWORD_HASHING: passwordHashing }),
    });
    edge.originKey.grantRead(api);
    api.setSecretVariable(['api'], 'ORIGIN_KEYS', { secretArn: edge.originKey.secretArn, template: '{}' });
    useRedis(api, data, { cacheKeysMax: undefined, state: ['api'], cache: ['api'] });
    useImages(api, images, { for: ['api'] });
    return this.addDeployment(api, settings.api, surge.api);
  }

  private addWorker(): KubernetesManifest {
    const { settings, data, images, edge } = this.#props;
    const worker = this.shopWorkload('Worker', 'worker', settings.worker);
    worker.setVariables(['worker'], { READY_FILE: readyFile });
    useRedis(worker, data, { cacheKeysMax: undefined, state: ['worker'], cache: [] });
    useImages(worker, images, { for: ['worker'] });
    useEdgeCache(worker, edge.distributionId, { for: ['worker'] });
    return this.addDeployment(worker, settings.worker, surge.worker);
  }

  private addDataPlatform(): KubernetesManifest {
    const { settings, data, orderEvents } = this.#props;
    const name = 'data-platform';
    const consumer = new AppWorkload(this, 'DataPlatform', { ...this.#shared, name });
    consumer.setVariables([name], { ...this.variables(settings.dataPlatform), READY_FILE: readyFile });
    consumer.setVariables([name], settings.shared.variables[name]);
    useDatabase(consumer, data, { as: 'statistics', for: [name] });
    useOrderTopic(consumer, orderEvents.topic, { to: 'consume', for: [name] });
    return this.addDeployment(consumer, settings.dataPlatform, surge.dataPlatform);
  }

  /** A workload that serves the shop: it writes to the database and sends events. */
  private shopWorkload(id: string, name: 'api' | 'worker', settings: WorkloadSettings): AppWorkload {
    const { data, orderEvents, settings: all } = this.#props;
    const { topic, format } = orderEvents;
    const workload = new AppWorkload(this, id, { ...this.#shared, name });
    workload.setVariables([name], this.variables(settings));
    workload.setVariables([name], all.shared.variables[name]);
    useDatabase(workload, data, { as: 'app', for: [name], readsReplica: true });
    useOrderTopic(workload, topic, { to: name === 'api' ? 'operate' : 'send', for: [name], format });
    return workload;
  }

  private variables(settings: WorkloadSettings): Partial<Record<EnvironmentName, string>> {
    return {
      STAGE: this.#props.settings.shared.name,
      AWS_REGION: this.region,
      DATABASE_POOL_MAX: `${settings.databasePoolMax}`,
      DRAIN_TIMEOUT_MS: `${deadlines.drainTimeoutMs}`,
    };
  }

  private addDeployment(
    workload: AppWorkload,
    settings: WorkloadSettings,
    surgeOf: number,
  ): KubernetesManifest {
    const { image } = this.#props;
    const name = workload.name;
    if (name === 'migrate') throw new Error('the migration is a Job');
    return workload.addObjects((settingsHash) =>
      workloadObjects({ name, image, settings, settingsHash, surge: surgeOf }),
    );
  }
}
