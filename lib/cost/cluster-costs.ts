import { type CostItem, HOURS } from './cost-item.ts';
import {
  type Costs,
  crossZoneGb,
  fixed,
  known,
  requestLines,
  type Surroundings,
  trafficGb,
  used,
} from './resource-costs.ts';

/** Text of an object of Kubernetes, as far as the estimate reads it; references are left out. */
interface PricedObject {
  readonly kind: string;
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  // oxlint-disable-next-line typescript/no-explicit-any -- any object
  readonly spec?: any;
}

const MILLION = 1e6;
const MANIFEST = 'Custom::AWSCDK-EKS-KubernetesResource';
/**
 * Observations per node and minute of Container Insights with enhanced observability: some 30 of the node and
 * 40 of each of a dozen pods. A guess; the bill has the number.
 */
const OBSERVATIONS_PER_NODE = 30 + 12 * 40;
/** Images of some 20 releases, which share two of their three layers. */
const IMAGES_GB = 0.3;
/** The control plane's log without a deployment: about 1 GB. */
const CONTROL_PLANE_LOG_GB = 1;

/** Monthly cost of the resources that only the shape `cluster` has, by type. */
export const clusterCosts: Readonly<Record<string, Costs>> = {
  'AWS::EKS::Cluster': () => [
    fixed('EKS', 'cluster, standard support', 'eks cluster', HOURS),
    fixed('Logs', 'the control plane', 'logs taken in', CONTROL_PLANE_LOG_GB),
  ],
  [MANIFEST]: ({ Properties }, around) =>
    objectsOf(Properties['Manifest']).flatMap((object) => objectCosts(object, around)),
  'AWS::MSK::Cluster': ({ Properties }) => {
    const brokers = Number(Properties['NumberOfBrokerNodes']);
    const { InstanceType, StorageInfo } = Properties['BrokerNodeGroupInfo'];
    const type = String(InstanceType).replace('kafka.', '');
    const gb = Number(StorageInfo.EBSStorageInfo.VolumeSize);
    return [
      fixed('Kafka', `${brokers} × kafka.${type}`, known(`kafka ${type}`), brokers * HOURS),
      fixed('Kafka storage', 'of the brokers', 'kafka storage', brokers * gb),
    ];
  },
  'AWS::KMS::Key': () => [fixed('Key', "of the cluster's secrets", 'kms key', 1)],
  'AWS::ECR::Repository': () => [fixed('Images', 'in the registry', 'ecr storage', IMAGES_GB)],
};

function objectCosts(object: PricedObject, { resources, use }: Surroundings): CostItem[] {
  if (object.kind === 'NodePool') return nodeCosts(object, resources);
  if (object.kind !== 'Ingress') return [];
  const zones = new Set(
    resources
      .filter(({ Type }) => Type === 'AWS::EC2::Subnet')
      .map(({ Properties }) => JSON.stringify(Properties['AvailabilityZone'])),
  ).size;
  const appLog = resources.find(({ Properties }) => String(Properties['LogGroupName']).endsWith('/api'));
  return [
    fixed('Load balancer', 'application, of the Ingress', 'load balancer', HOURS),
    fixed('Public IPv4', 'of the balancer', 'public IPv4 address', zones * HOURS),
    used(
      'Load balancer',
      'capacity units',
      'load balancer capacity unit',
      Math.max(trafficGb(use), 0.05 * HOURS),
    ),
    used('Traffic between zones', 'app to database', 'traffic between zones', crossZoneGb(use)),
    ...requestLines(use, resources, Number(appLog?.Properties['RetentionInDays'] ?? 30)),
  ];
}

/** Nodes at the smallest number of pods, with Auto Mode's share, their disks and their metrics. */
function nodeCosts(pool: PricedObject, resources: Surroundings['resources']): CostItem[] {
  const nodes = Number(pool.metadata.annotations?.['rowlock.dev/nodes-expected']);
  const requirements = pool.spec.template.spec.requirements as { key: string; values: string[] }[];
  const [type = ''] =
    requirements.find(({ key }) => key === 'node.kubernetes.io/instance-type')?.values ?? [];
  const nodeClass = resources
    .filter(({ Type }) => Type === MANIFEST)
    .flatMap(({ Properties }) => objectsOf(Properties['Manifest']))
    .find(({ kind }) => kind === 'NodeClass');
  const gb = Number.parseInt(String(nodeClass?.spec.ephemeralStorage.size), 10);
  const minutes = HOURS * 60;
  return [
    fixed('Nodes', `${nodes} × ${type}`, known(`ec2 ${type}`), nodes * HOURS),
    fixed('Nodes', "Auto Mode's 12 %", known(`auto mode ${type}`), nodes * HOURS),
    fixed('Node volumes', 'gp3', 'ebs gp3', nodes * gb),
    fixed(
      'Container Insights',
      'observations, guessed',
      'container insights',
      (nodes * OBSERVATIONS_PER_NODE * minutes) / MILLION,
    ),
  ];
}

/** The objects of a manifest, with references replaced by nothing. */
function objectsOf(manifest: unknown): PricedObject[] {
  const text = (value: unknown): string => {
    if (typeof value === 'string') return value;
    const join = (value as { 'Fn::Join'?: [string, unknown[]] })['Fn::Join'];
    return join === undefined ? '' : join[1].map(text).join(join[0]);
  };
  return JSON.parse(text(manifest)) as PricedObject[];
}
